"""The checks, in the order in which they are asked."""

from first_deploy.check import Check
from first_deploy.checks import (
    api,
    by_hand,
    confinement,
    deployment,
    failures,
    measurements,
    mounts,
    releases,
    uploads,
)

MODULES = (
    api,
    by_hand,
    confinement,
    deployment,
    failures,
    measurements,
    mounts,
    releases,
    uploads,
)

ALL: tuple[Check, ...] = tuple(
    sorted(
        (
            value
            for module in MODULES
            for value in vars(module).values()
            if isinstance(value, Check)
        ),
        key=lambda check: check.number,
    )
)
