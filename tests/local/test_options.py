import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.errors import LocalError, PortTaken
from local.options import Port, parse


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_defaults() -> None:
    options = parse([], {})
    assert (options.assembly, options.state) == (Path("cdk.out"), Path(".local"))
    assert (options.api_port, options.s3_port) == (
        Port(8000, "API_PORT", chosen=False),
        Port(9000, "S3_PORT", chosen=False),
    )


def test_the_command_line_goes_before_the_environment() -> None:
    options = parse(["--api-port", "1234"], {"API_PORT": "1", "S3_PORT": "0"})
    assert options.api_port == Port(1234, "--api-port", chosen=True)
    assert options.s3_port == Port(0, "S3_PORT", chosen=True)


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"API_PORT": "http"}, "API_PORT: 'http' is not a port"),
        ({"S3_PORT": "70000"}, "S3_PORT: '70000' is not a port"),
        ({"API_AUTH": "iam"}, "API_AUTH=iam: allowed are none (the API is open) and template"),
    ],
)
def test_a_bad_environment_names_key_and_value(environ: dict[str, str], message: str) -> None:
    with pytest.raises(LocalError) as error:
        parse([], environ)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("environ", "auth"),
    [({}, "none"), ({"API_AUTH": ""}, "none"), ({"API_AUTH": "template"}, "template")],
)
def test_the_api_is_open_unless_the_template_is_to_decide(
    environ: dict[str, str], auth: str
) -> None:
    assert parse([], environ).auth == auth


def test_a_chosen_port_that_is_taken_is_an_error(taken: int) -> None:
    with pytest.raises(PortTaken, match=rf"port {taken} \(API_PORT\) is in use"):
        Port(taken, "API_PORT", chosen=True).bind()


def test_a_default_port_that_is_taken_gives_way(
    taken: int, caplog: pytest.LogCaptureFixture
) -> None:
    with Port(taken, "API_PORT", chosen=False).bind() as listener:
        assert listener.getsockname()[1] != taken
    assert f"port {taken} is in use" in caplog.text
