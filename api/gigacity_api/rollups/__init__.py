"""Daily roll-ups of raw telemetry: selected, joined here, written back.

``field_aggregators`` and ``accumulator`` are pure; ``daily_rollups`` speaks to the store through
its protocol, one bounded piece of work at a time.
"""
