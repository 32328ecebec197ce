"""Measurements run only when asked for: ``pytest -m bench -s tests/bench``."""

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what carries the marker ``bench`` unless the call names it."""
    if "bench" in config.option.markexpr:
        return
    left_out = [item for item in items if item.get_closest_marker("bench")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not item.get_closest_marker("bench")]
