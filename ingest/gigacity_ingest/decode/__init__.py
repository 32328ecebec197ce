"""From one MQTT message to lines, dead letters and counts. Pure: no socket, no clock, no thread."""
