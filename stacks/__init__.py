"""The CDK stacks: the deployed resources and their permissions."""
