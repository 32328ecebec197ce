"""Fixtures of the whole suite; the servers are in ``tests.support.fixtures``."""

pytest_plugins = ["tests.support.fixtures"]
