"""The encryption key, and the findings of scanners that are accepted."""
