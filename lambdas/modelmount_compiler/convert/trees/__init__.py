"""Decision trees of all libraries, converted into the flat layout that the kernel walks."""
