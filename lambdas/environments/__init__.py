"""Python environments that stand side by side: which there are, and what each holds."""
