"""Homie 4 and 5: devices that describe themselves in retained topics."""
