"""Mutation fuzz of the decoders: ``python -m tests.fuzz --help``, docs/faults.md."""
