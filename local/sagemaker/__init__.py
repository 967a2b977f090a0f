"""SageMaker: a server process for each endpoint variant, behind the API of SageMaker's runtime."""
