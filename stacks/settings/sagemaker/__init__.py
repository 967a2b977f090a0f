"""The setting `sagemaker`: its endpoints, and the rules that they must follow."""
