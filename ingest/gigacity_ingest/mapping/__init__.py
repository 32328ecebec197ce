"""Which object of the city a foreign reading belongs to, and which property becomes which field."""
