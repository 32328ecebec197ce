"""The field's MQTT clients: real paho clients, all driven by one epoll loop in one thread.

``outbox`` and ``connect_rate`` are pure; ``connection`` is the only module that imports paho.
"""
