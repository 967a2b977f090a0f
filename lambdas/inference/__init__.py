"""The Lambda function behind the REST API."""
