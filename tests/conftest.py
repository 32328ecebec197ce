"""Fixtures of the whole suite; the servers are in ``tests.support.fixtures``."""

from hypothesis import HealthCheck, settings

pytest_plugins = ["tests.support.fixtures"]

# How long an example takes says more about the machine's other work than about the code.
settings.register_profile("gigacity", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("gigacity")
