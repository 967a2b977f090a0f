"""What callers of the local system prove themselves with: made up at each start."""

import secrets
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class CallerCredentials:
    """An access key that may call everything, and the value of the template's API keys.

    Attributes:
        api_key: of each API key that the template gives no value.
    """

    access_key: str
    secret_key: str
    api_key: str

    @classmethod
    def make_up(cls) -> Self:
        """Return new ones, in the form of AWS's."""
        return cls(
            access_key=f"LOCAL{secrets.token_hex(8).upper()}"[:20],
            secret_key=secrets.token_urlsafe(30),
            api_key=secrets.token_urlsafe(30),
        )
