"""Faults against real processes, and the accounts that must balance afterwards: docs/faults.md."""
