"""Several workers on one machine: who owns which areas, and how that changes without a loss.

``division``, ``record`` and ``steps`` are pure; the other modules do what they say.
"""
