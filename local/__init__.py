"""A Docker-free AWS on this machine, run from the synthesized assembly alone."""
