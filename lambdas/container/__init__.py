"""SageMaker's container: an HTTP server around the serving core, for one model or many."""
