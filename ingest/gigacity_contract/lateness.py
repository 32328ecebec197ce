"""When data counts as late: the protocol between the worker, which marks it, and its readers. Pure.

A worker that confirms a point older than ``LATE_AFTER_MS`` writes a late-data marker for it (a row
of ``arrival``). Whoever reads what is stored may therefore take a range of time as complete once it
is that old, but for what a marker names. One constant, since two that differ lose data silently.
"""

LATE_AFTER_MS = 120_000
"""Age at confirmation beyond which a point is announced by a marker."""

CLOCK_SLACK_MS = 10_000
"""How far the clocks of workers and of their readers may differ."""

COMPLETE_AFTER_MS = LATE_AFTER_MS + CLOCK_SLACK_MS
"""Age, by a reader's clock, of what only a marker can still add to."""
