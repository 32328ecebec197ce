"""Seeded models of ports and devices, their MQTT clients, and the ground truth they imply."""
