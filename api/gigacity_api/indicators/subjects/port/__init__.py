"""PON ports: capacity in service, availability, optics, ONUs."""
