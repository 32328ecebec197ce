"""OLTs that only speak SNMP: tables as vendors lay them out, and an agent that serves them."""
