"""Formats that field hardware and platforms already speak, read into readings of named objects."""
