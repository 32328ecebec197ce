"""Programs that a test needs: without one it is skipped, or fails where everything is due.

``./deploy/test`` installs them all and sets ``GIGACITY_TEST_EVERYTHING``, so that nothing can be
left out there without anybody seeing it. ``uv run pytest tests/unit`` needs none of them.
"""

import os

import pytest

from gigacity_contract.errors import ConfigError
from gigacity_deploy.processes import find_binary

EVERYTHING = "GIGACITY_TEST_EVERYTHING"


def program(name: str, package: str | None = None) -> str:
    """Path of a program; skips the test where it is not installed.

    Args:
        name: of the program.
        package: of Debian, if it is called otherwise.
    """
    try:
        return find_binary(name, package=package or name)
    except ConfigError as error:
        if os.environ.get(EVERYTHING):
            pytest.fail(str(error))
        pytest.skip(str(error))
