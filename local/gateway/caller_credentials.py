"""Credentials of the API's callers, generated at each start."""

import secrets
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class CallerCredentials:
    """An access key that may call everything, and an API key.

    Attributes:
        api_key: the value of each API key that has none in the template.
    """

    access_key: str
    secret_key: str
    api_key: str

    @classmethod
    def generate(cls) -> Self:
        """Generates credentials in the form of AWS's."""
        return cls(
            access_key=f"LOCAL{secrets.token_hex(8).upper()}"[:20],
            secret_key=secrets.token_urlsafe(30),
            api_key=secrets.token_urlsafe(30),
        )
