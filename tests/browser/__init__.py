"""What people see, in a real browser: looks, keyboard, and what hostile names may not do."""
