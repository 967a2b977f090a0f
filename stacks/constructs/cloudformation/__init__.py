"""References between stacks."""
