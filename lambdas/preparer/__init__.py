"""The Lambda function in which an uploaded model is loaded for the first time."""
