"""Lines of a function's log that CloudWatch Logs hands on, and the notices that they make.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
"""

import base64
import gzip
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from notifier.notice import Notice

# The subscription's filter looks for this word; `workers.breaker` writes it.
PUT_ASIDE = "MODEL_PUT_ASIDE"
# A whole line, as Lambda's runtime writes an error: level, time and request come first. Texts of
# models can be in other lines, and none is an error that begins so.
LINE = re.compile(r"\[ERROR\]\t[^\t\n]*\t[^\t\n]*\t" + PUT_ASIDE + r" (\{[^\n]*\})\s*")


def notices(event: dict[str, Any]) -> Iterator[Notice]:
    """Yield a notice for each version that was put aside."""
    packed = base64.b64decode(event["awslogs"]["data"])
    for line in json.loads(gzip.decompress(packed)).get("logEvents", ()):
        if found := LINE.fullmatch(line["message"]):
            told = json.loads(found[1])
            at = datetime.fromtimestamp(line["timestamp"] / 1000, UTC)
            yield Notice(
                type="put_aside",
                at=at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                model=told["model"],
                version=told["version"],
                key=None,
                reason=told["reason"],
            )
