"""Every rule a second time: slow, obvious, and written from its sentence only."""
