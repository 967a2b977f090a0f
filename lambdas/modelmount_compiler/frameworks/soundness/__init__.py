"""Checks of what models hold, before native code walks it or a caller's rows reach it.

The libraries' own loaders check little: an index out of bounds in a file is an index out of bounds
in memory. Each check raises `ModelRejected`, whose text names the part at fault.
"""
