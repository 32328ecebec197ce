"""From domain objects to what the schemas show."""
