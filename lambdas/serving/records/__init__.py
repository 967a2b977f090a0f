"""Values that are stored and sent: manifests, uploads, verdicts, names and object keys."""
