"""The CDK stacks: what is deployed, and who may do what."""
