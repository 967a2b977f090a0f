"""Models in pieces, as people save them, with what their own application would compute."""
