"""Models in memory: a cache by measured bytes."""
