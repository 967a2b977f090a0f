"""The function that passes API requests on to SageMaker endpoints."""
