"""What loading a saved model may do: which names, calls and states, by library and version."""
