"""Headers of HTTP that requests of every protocol share."""
