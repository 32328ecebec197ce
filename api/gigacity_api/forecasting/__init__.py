"""Where a figure is heading: a robust line through its daily values, and what it says of a target.

``trend`` is the method with its sources, ``outlook`` what is said of a target date; both are pure.
``daily_values`` reads the history.
"""
