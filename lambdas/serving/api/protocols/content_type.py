"""The header Content-Type: a media type, its parameters, and the body's characters.

https://www.rfc-editor.org/rfc/rfc9110#name-media-type
"""

import re
from dataclasses import dataclass, field

from serving.errors import BadRequest, UnsupportedMediaType

PARAMETER = re.compile(r';\s*([\w!#$%&\'*+.^`|~-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^;]*)')
UTF_8 = "utf-8"
CHARSETS = {
    UTF_8: "utf-8-sig",
    "utf8": "utf-8-sig",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "latin-1",
    "latin1": "latin-1",
    "latin-1": "latin-1",
    "iso-8859-2": "iso8859-2",
    "iso-8859-15": "iso8859-15",
    "windows-1250": "cp1250",
    "windows-1251": "cp1251",
    "windows-1252": "cp1252",
    "koi8-r": "koi8-r",
    "shift_jis": "shift_jis",
    "euc-jp": "euc-jp",
    "gb18030": "gb18030",
    "gbk": "gbk",
    "big5": "big5",
    "euc-kr": "euc-kr",
    "utf-16": "utf-16",
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
    "utf-32": "utf-32",
}


@dataclass(frozen=True, slots=True)
class ContentType:
    """A media type in lower case, and its parameters by their names in lower case."""

    name: str
    parameters: dict[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, header: str) -> "ContentType":
        """Read a header; what isn't a parameter behind the type is passed over."""
        name, _, rest = header.partition(";")
        found = PARAMETER.findall(f";{rest}") if rest else []
        return cls(name.strip().lower(), {key.lower(): _unquoted(text) for key, text in found})

    def text(self, body: bytes) -> str:
        """Decode a body by the parameter `charset`, UTF-8 without; a byte order mark goes.

        Raises:
            UnsupportedMediaType: the charset isn't known.
            BadRequest: the body isn't of the charset.
        """
        charset = self.parameters.get("charset", UTF_8).lower()
        if charset not in CHARSETS:
            known = ", ".join(CHARSETS)
            text = f"The charset {charset!r:.100} can't be read; send one of {known}."
            raise UnsupportedMediaType(text, field="Content-Type")
        try:
            return body.decode(CHARSETS[charset]).removeprefix("\ufeff")
        except UnicodeError as error:
            raise BadRequest(f"The body isn't text in {charset}: {_place(error)}.") from error

    def utf_8(self, body: bytes) -> bytes:
        """Return a body in UTF-8, without a byte order mark; raises as `text` does."""
        if self.parameters.get("charset", UTF_8).lower() == UTF_8:
            return body.removeprefix(b"\xef\xbb\xbf")
        return self.text(body).encode("utf-8", "surrogatepass")


def _unquoted(text: str) -> str:
    text = text.strip()
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') and len(text) > 1 else text


def _place(error: UnicodeError) -> str:
    if isinstance(error, UnicodeDecodeError):
        hint = "" if error.start else " (a byte order mark of UTF-16 needs charset=utf-16)"
        return f"{error.reason} at byte {error.start}{hint}"
    return str(error)
