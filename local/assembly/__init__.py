"""Reads the synthesized assembly, `cdk.out`, into the typed resources that are run."""
