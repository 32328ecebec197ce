"""Databases, buckets, retention and accounts on InfluxDB 1.x and 2.x."""
