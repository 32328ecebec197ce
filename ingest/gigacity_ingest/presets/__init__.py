"""OLTs that only speak SNMP: how Telegraf polls them, and the mapping of what it sends."""
