"""The constructs that the stacks are composed of, in packages by what they make."""
