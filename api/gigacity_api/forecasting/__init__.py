"""Where a figure is heading: a robust line through its daily values, and what it says of a target.

Pure: ``trend`` is the method with its sources, ``outlook`` what is said of a target date.
"""
