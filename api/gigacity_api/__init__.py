"""The HTTP service: evaluates indicators and serves them with their evidence."""
