"""The evaluator: reads what arrived, evaluates each evaluation tick, publishes, keeps the last.

``reading`` and ``publishing`` speak to the store through its protocol; ``schedule`` is pure; only
``driver`` has a thread.
"""
