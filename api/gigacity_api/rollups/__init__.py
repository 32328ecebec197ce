"""Daily roll-ups of raw telemetry: selected, joined here, written back.

``field_aggregators``, ``accumulator`` and ``pieces`` are pure; ``daily_rollups`` speaks to the
store through its protocol, one bounded piece of work at a time.
"""
