"""Finds out what a graph takes and gives, by its shapes and by asking it.

| module      | purpose                                                       |
|-------------|---------------------------------------------------------------|
| `nodes`     | reads inputs and outputs, and guesses which axes count rows   |
| `samples`   | makes up inputs                                               |
| `trial`     | asks about rows alone and together                            |
| `widths`    | learns lengths that the graph leaves open                     |
| `signature` | puts the signature together                                   |
"""

from modelmount_compiler.frameworks.onnx.description.signature import describe

__all__ = ["describe"]
