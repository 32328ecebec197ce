"""The worker: MQTT in, InfluxDB out, nothing lost."""
