"""SageMaker's hosting on this machine: a server process for each variant, behind its runtime."""
