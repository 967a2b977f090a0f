"""The model bucket as the loader sees it: S3's events and listings."""
