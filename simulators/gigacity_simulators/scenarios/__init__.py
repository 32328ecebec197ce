"""Scenarios: timelines of what goes wrong, as YAML. Pure; files are read by ``prepared``."""
