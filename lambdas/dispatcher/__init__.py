"""The function that starts one preparer for each upload."""
