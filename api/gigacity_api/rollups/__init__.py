"""Roll-ups of raw telemetry, and daily figures: selected, joined here, written back.

``levels``, ``tracks`` and ``accumulator`` are pure; ``roller`` and ``daily`` speak to the store
through its protocol, one bounded piece of work at a time.
"""
