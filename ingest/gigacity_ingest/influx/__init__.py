"""InfluxDB as the worker writes to it: one raw writer, its answers, its storage."""
