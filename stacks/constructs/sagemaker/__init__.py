"""Endpoints on SageMaker and the function in front of them."""
