"""The user's command line for a deployment, on AWS or on this machine."""

__version__ = "0.1.0"
