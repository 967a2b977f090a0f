"""The functions that write the repository: `stage` copies uploads, `publish` acts on verdicts."""
