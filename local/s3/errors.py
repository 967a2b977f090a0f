"""Answers of S3 that refuse a request, with S3's own codes.

Amazon S3 API Reference, "Error responses".
"""

from xml.sax.saxutils import escape

from aiohttp import web


class S3Error(Exception):
    """A refusal with its code."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.status = status

    def answer(self) -> web.Response:
        """Returns the answer; the connection closes, since a body may be left on it."""
        text = (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<Error><Code>{self.code}</Code><Message>{escape(str(self))}</Message></Error>"
        )
        response = web.Response(status=self.status, text=text, content_type="application/xml")
        response.force_close()
        return response


def bad_digest(what: str) -> S3Error:
    """Returns the refusal of a checksum that isn't that of the bytes."""
    return S3Error("BadDigest", f"The {what} you specified did not match the calculated checksum.")


def invalid_header(name: str) -> S3Error:
    """Returns the refusal of a header's value."""
    return S3Error("InvalidRequest", f"Value for {name} header is invalid.")
