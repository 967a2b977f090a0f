"""Lambda functions, with the roles, images and destinations that they share."""
