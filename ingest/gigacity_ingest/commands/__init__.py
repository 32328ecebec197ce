"""Command lines: texts in, parts put together, exit codes out. Heavy imports stay inside."""
