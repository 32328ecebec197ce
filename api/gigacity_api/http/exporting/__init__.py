"""Tables for office programs: CSV streamed row by row, XLSX written to a temporary file.

``cells`` decides what may stand in a cell, ``tables`` what stands in which column; both are pure.
"""
