"""Indicators: pure functions from a city and the reports about it to figures with their evidence.

Nothing here reads a clock, a socket or a file; time comes in as ``as_of_ms``.
"""
