"""What decoding a message costs, by format: ``python -m tests.bench decode``."""
