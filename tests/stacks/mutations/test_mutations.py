"""Seeds faults in the source of the stacks. The assertion for each fault must catch it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stacks.deployment import Deployment, synthesize
from tests.stacks.mutations import (
    api_faults,
    function_faults,
    loader_faults,
    sagemaker_faults,
    storage_faults,
)
from tests.stacks.mutations.fault import Fault
from tests.stacks.mutations.mutant import mutated

CONSTRUCTS = "stacks.constructs."
# The content of assets has tests of its own, and copying it takes most of a synth.
STAGED = {"aws:cdk:disable-asset-staging": True}
FAULTS = [
    *api_faults.FAULTS,
    *function_faults.FAULTS,
    *loader_faults.FAULTS,
    *storage_faults.FAULTS,
    *sagemaker_faults.FAULTS,
]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_fault_is_caught(deploy: Callable[..., Deployment], fault: Fault, tmp_path: Path) -> None:
    # The assertion must pass without the fault.
    fault.caught_by(deploy if fault.by_deploy else deploy(**fault.settings))
    module = fault.module if fault.module == "app" else CONSTRUCTS + fault.module
    with mutated(module, fault.edits) as build:
        deployment = synthesize(tmp_path, {**STAGED, **fault.settings}, build)

    # A missing property is a KeyError in the assertion.
    with pytest.raises((AssertionError, KeyError)):
        fault.caught_by((lambda **_: deployment) if fault.by_deploy else deployment)
