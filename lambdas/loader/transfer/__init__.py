"""Objects of S3 copied into files: in parallel ranges, verified, durable."""
