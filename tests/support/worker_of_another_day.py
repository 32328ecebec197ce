"""``gigacity`` with a wall clock that stands at another day: golden messages have their own.

``python -m tests.support.worker_of_another_day ingest`` with ``TEST_CLOCK_SHIFT_MS``.
"""

import os

from gigacity_contract.clock import SystemClock
from gigacity_deploy.main import main

if __name__ == "__main__":
    shift_ms = int(os.environ["TEST_CLOCK_SHIFT_MS"])
    real = SystemClock.now_ms
    SystemClock.now_ms = lambda self: real(self) + shift_ms  # type: ignore[method-assign]
    main()
