"""Definitions by family; ``registry`` puts them in order. Nothing here computes."""
