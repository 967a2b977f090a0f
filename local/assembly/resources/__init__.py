"""The typed resources of an assembly, one AWS service a module."""
