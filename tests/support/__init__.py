"""Factories, doubles and real servers that tests share."""
