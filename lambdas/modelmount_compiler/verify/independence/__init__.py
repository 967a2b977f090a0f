"""Finds models whose rows influence each other: f([a, b, c]) against f([a]), f([b]) and f([c]).

| module        | purpose                                                        |
|---------------|----------------------------------------------------------------|
| `check`       | asks rows alone, in company and in another order               |
| `companies`   | puts rows together                                             |
| `pool`        | generates the rows                                             |
| `rows`        | cuts answers into rows, and compares those within a tolerance  |
| `tensor_rows` | generates instances of graphs                                  |

Everything here takes any `Model`, whatever the framework.
"""

from modelmount_compiler.verify.independence.check import check
from modelmount_compiler.verify.independence.pool import make_pool

__all__ = ["check", "make_pool"]
