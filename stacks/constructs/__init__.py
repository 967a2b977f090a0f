"""The parts that the stacks are composed of: one noun, one file, one class."""
