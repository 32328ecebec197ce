"""Buildings and their households: homes with a working 10G path."""
