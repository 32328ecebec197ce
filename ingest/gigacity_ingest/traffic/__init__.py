"""Messages as a bystander sees them at a broker: recorded, shifted in time, played again. Pure."""
