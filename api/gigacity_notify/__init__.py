"""Tells people of alarms: by chat robot, e-mail, syslog, webhook, Alertmanager or MQTT."""
