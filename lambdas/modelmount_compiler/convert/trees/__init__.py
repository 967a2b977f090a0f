"""Trees of any library in the flat layout that the kernel walks."""
