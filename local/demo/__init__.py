"""The demo: real models from upload to answer, on a local system of its own."""
