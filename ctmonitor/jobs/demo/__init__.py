def demonstrate(folder):
    """x"""
    return iter(())
