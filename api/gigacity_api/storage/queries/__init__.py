"""InfluxQL texts: built from the storage table, always over a bounded range of time, never sent.

House rules, kept by a lint over every text (``lint``): raw rows, newest chosen by the client; no
``last()`` of several fields, no ``LIMIT`` together with ``GROUP BY`` of tags.
"""
