"""``python -m tests.bench ingest``: what the worker and others cost on the same messages.

A consumer is judged from outside, whoever wrote it: the kernel says how much CPU time and memory
its process took and how many acknowledgements left its socket (``socket_watch``,
``process_watch``), and the database or the null sink says what arrived. Nothing here is imported
by the worker.
"""
