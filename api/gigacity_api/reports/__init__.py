"""Figures that offices declare: what may be declared, how an entry is checked, what was entered.

``log`` and ``idempotency`` keep state; the others are pure. ``log`` speaks to the store
through its protocol.
"""
