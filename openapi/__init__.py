"""The API as an OpenAPI document, made from the serving core's own types."""
