"""The token bucket by which API Gateway limits requests.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
"""

from collections.abc import Callable

from local.assembly.resources.rest_api import ThrottleLimit


class TokenBucket:
    """A bucket of up to `burst` tokens, which gains `rate` tokens each second."""

    def __init__(self, limit: ThrottleLimit, clock: Callable[[], float]) -> None:
        self._limit = limit
        self._clock = clock
        self._tokens = float(limit.burst)
        self._filled = clock()

    def admit(self) -> bool:
        """Takes a token. Returns False if there is none."""
        now = self._clock()
        gained = (now - self._filled) * self._limit.rate
        self._tokens = min(self._limit.burst, self._tokens + gained)
        self._filled = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
