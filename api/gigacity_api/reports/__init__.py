"""Figures that offices report: what may be reported, how an entry is checked, what was entered.

``catalogue``, ``checking``, ``tables``, ``book`` and ``gaps`` are pure; ``log`` speaks to the store
through its protocol.
"""
