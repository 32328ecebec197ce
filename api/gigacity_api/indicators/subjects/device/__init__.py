"""Devices of every kind: whether they are online, and what cameras say of themselves."""
