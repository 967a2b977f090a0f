"""The settings of a deployment: read from CDK's context and validated once."""
