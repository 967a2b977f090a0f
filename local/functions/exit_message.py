"""The message of Lambda's runtime for a process that ended."""

import signal


def exit_message(request_id: str, code: int) -> str:
    """Returns the message for an exit code; a negative one is a signal's number."""
    prefix = f"RequestId: {request_id} Error: "
    if code < 0:
        name = signal.strsignal(-code) or str(-code)
        return f"{prefix}Runtime exited with error: signal: {name.lower()}"
    if code == 0:
        return f"{prefix}Runtime exited without providing a reason"
    return f"{prefix}Runtime exited with error: exit status {code}"
