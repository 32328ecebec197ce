"""Pure seeded models of what ports and devices report: (key, virtual time, condition) -> sample.

The same key and instant give the same sample, whatever was asked before; nothing here knows of
clocks, clients or messages.
"""
