"""The flow log of the network."""

from collections.abc import Callable

import pytest

from tests.stacks.configurations import PRIVATE
from tests.stacks.deployment import Deployment


def test_flow_log_is_of_the_whole_network(default: Deployment) -> None:
    flow_log = default.storage.properties("NetworkFlowLog")
    (vpc,) = default.storage.of_type("AWS::EC2::VPC")

    assert (flow_log["ResourceType"], flow_log["ResourceId"]) == ("VPC", f"${{{vpc}}}")
    assert (flow_log["TrafficType"], flow_log["LogDestinationType"]) == ("ALL", "cloud-watch-logs")
    assert flow_log["LogGroupName"] == "${NetworkFlowLogRecords}"


@pytest.mark.parametrize(
    "settings",
    [PRIVATE, {"vpc_id": "vpc-01234567", "subnet_ids": "subnet-01234567", "flow_logs": "on"}],
)
def test_flow_log_can_be_left_out_and_is_of_an_own_network_alone(
    deploy: Callable[..., Deployment], settings: dict[str, str]
) -> None:
    assert not deploy(**settings).storage.of_type("AWS::EC2::FlowLog")
