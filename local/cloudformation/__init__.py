"""CloudFormation templates, their intrinsic functions and the attributes of resources."""
