"""The function between the API and endpoints on SageMaker."""
