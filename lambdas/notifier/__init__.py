"""The function that sends the outcomes of uploads to subscribers."""
