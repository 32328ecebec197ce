"""The command line of this package; what the commands do lives beside it."""
