"""A function's environment, validated once."""
