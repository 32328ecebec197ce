"""Which areas a worker owns, and how it gives them up."""
