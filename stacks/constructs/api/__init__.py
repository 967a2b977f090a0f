"""The REST API: its routes, who may call it, and what guards it."""
