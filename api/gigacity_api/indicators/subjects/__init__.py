"""A folder for each subject: its definitions, rules, reasons, evidence, orders and denominators.

An indicator is one module here that lists it in ``INDICATORS``; ``registry`` finds it.
"""
