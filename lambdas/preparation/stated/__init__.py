"""What an upload itself says of the libraries that saved it. Nothing of it is loaded."""
