"""Generates the tables of a synthetic city: same seed, same bytes."""
