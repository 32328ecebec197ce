"""The city file: the universe of registered objects, targets and parameters of one city."""
