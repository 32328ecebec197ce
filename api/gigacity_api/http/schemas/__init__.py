"""Schemas of what the service answers; pydantic models with examples."""
