"""Tables for office programs: CSV streamed row by row, XLSX written to a temporary file.

``cells`` decides what a cell may hold, ``tables`` which column holds what; both are pure.
"""
