"""A fault that is seeded in the source of the stacks."""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.stacks.mutations.mutant import Edit


@dataclass(frozen=True)
class Fault:
    """A mistake in one module, and the assertion of this suite that must fail for it.

    Attributes:
        module: below `stacks.constructs`; or `app`.
        caught_by: takes the deployment, or what deploys it.
        by_deploy: whether `caught_by` takes the latter.
    """

    name: str
    module: str
    edits: list[Edit]
    caught_by: Callable[..., None]
    settings: dict[str, str] = field(default_factory=dict)
    by_deploy: bool = False

    def __str__(self) -> str:
        return self.name


def with_arguments(check: Callable[..., None], **arguments: Any) -> Callable[..., None]:
    """Returns a parametrized test with its parameters filled in."""
    return functools.partial(check, **arguments)
