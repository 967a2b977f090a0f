"""What a million calls through API Gateway and Lambda cost, by what a call is like."""

import math
from dataclasses import dataclass

from modelmount.cost import charges
from modelmount.cost.prices import MILLION, Prices

# Lambda's runtime client between start and end of an invocation. An assumption: `first-deploy`
# measures the real one.
RUNTIME_MS = 1.0
# Lines of Lambda (START, END, REPORT) and of the API's access log.
LOGGED_BYTES = 700
GB = 1024**3


@dataclass(frozen=True)
class Call:
    """A call.

    Attributes:
        memory_mb: of the function.
        milliseconds: that the handler takes when the model is in memory.
        cold_share: of calls that start an instance.
        cold_ms: from the start of an instance to its first answer.
        read_bytes: that a cold start reads from the file system.
        answer_bytes: of the answer, to the internet.
    """

    memory_mb: int
    milliseconds: float
    cold_share: float = 0.0
    cold_ms: float = 0.0
    read_bytes: int = 0
    answer_bytes: int = 500
    architecture: str = "x86_64"

    @property
    def billed_seconds(self) -> float:
        """Lambda bills whole milliseconds, and the start of an instance as well."""
        warm = math.ceil(self.milliseconds + RUNTIME_MS)
        return (warm + self.cold_share * math.ceil(self.cold_ms)) / 1000


def per_million(prices: Prices, call: Call) -> dict[str, float]:
    """Return the charges for a million calls, by what they are for."""
    duration = charges.lambda_duration(
        prices, MILLION, call.billed_seconds, call.memory_mb, architecture=call.architecture
    )
    return {
        "API Gateway": charges.rest_calls(prices, MILLION),
        "Lambda requests": charges.lambda_requests(prices, MILLION),
        "Lambda duration": duration,
        "EFS reads": MILLION * call.cold_share * call.read_bytes / GB * prices.file_system_read_gb,
        "logs": MILLION * LOGGED_BYTES / GB * prices.log_gb,
        "transfer": MILLION * call.answer_bytes / GB * prices.transfer_gb,
    }
