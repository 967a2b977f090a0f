"""A compiled model: operations on arrays, wired into a program, in one file.

`operation` says what an operation is, `program` how they are wired and run, `file` how a program
lies on disk. Every other module is a family of operations. Nothing here imports more than NumPy.
"""

from modelmount_compiler.program.program import Node, Program

__all__ = ["Node", "Program"]
