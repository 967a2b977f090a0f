import pytest

from local.functions.exit_message import exit_message


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (-9, "Runtime exited with error: signal: killed"),
        (-11, "Runtime exited with error: signal: segmentation fault"),
        (3, "Runtime exited with error: exit status 3"),
        (0, "Runtime exited without providing a reason"),
    ],
)
def test_a_crash_is_told_as_lambda_tells_it(code: int, text: str) -> None:
    assert exit_message("id-1", code) == f"RequestId: id-1 Error: {text}"
