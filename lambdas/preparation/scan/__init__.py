"""Checks what a pickle would name and call, without running it."""
