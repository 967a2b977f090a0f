"""The bucket compared with the file system, and what differs repaired."""
