"""A numbered check: a question, the answer that is expected, and what that rests on."""

from collections.abc import Callable
from dataclasses import dataclass

from first_deploy.stage import Stage


@dataclass(frozen=True)
class Check:
    """A check.

    Attributes:
        rests_on: ADRs and pages of AWS's documentation.
        ask: returns the answer, or raises `Differs`; None where only a person can ask.
        needs: numbers of checks that have to be as expected before.
        aws_alone: why a local run leaves it out; "" where it doesn't.
        here: what the answer of a local run doesn't show.
        by_hand: what a person does instead.
    """

    number: int
    title: str
    expected: str
    rests_on: tuple[str, ...]
    ask: Callable[[Stage], str] | None
    needs: tuple[int, ...] = ()
    aws_alone: str = ""
    here: str = ""
    by_hand: str = ""


def check(
    number: int,
    title: str,
    *,
    expected: str,
    rests_on: tuple[str, ...],
    needs: tuple[int, ...] = (),
    aws_alone: str = "",
    here: str = "",
) -> Callable[[Callable[[Stage], str]], Check]:
    """Make a check of the function that asks."""

    def made(ask: Callable[[Stage], str]) -> Check:
        return Check(number, title, expected, rests_on, ask, needs, aws_alone, here)

    return made
