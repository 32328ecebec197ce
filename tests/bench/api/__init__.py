"""``python -m tests.bench api``: the scorecard's latency at rising rates, beside a bare route.

``load`` drives, ``serving`` is what is driven (a process of its own), ``run`` puts them together.
"""
