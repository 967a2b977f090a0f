"""API Gateway: one stage of a REST API, served over HTTP."""
