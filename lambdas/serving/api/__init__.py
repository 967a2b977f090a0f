"""The HTTP interface: routes, messages, protocols and capture."""
