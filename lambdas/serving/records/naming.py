"""Names of models and versions: their rules and their one spelling."""

import unicodedata

MAX_NAME_BYTES = 128
NAME_RULE = (
    f"a name has 1 to {MAX_NAME_BYTES} bytes of UTF-8, no '/', no control character "
    "and no leading dot"
)


def is_valid_name(name: str) -> bool:
    """Whether `name` can be a model's, a version's or a file's; see `NAME_RULE`."""
    try:
        size = len(name.encode())
    except UnicodeEncodeError:  # a lone surrogate
        return False
    return (
        0 < size <= MAX_NAME_BYTES
        and not name.startswith(".")
        and "/" not in name
        and not any(unicodedata.category(character) == "Cc" for character in name)
    )


def normalize(name: str) -> str:
    """Return the one spelling under which a model is kept (Unicode NFC)."""
    return unicodedata.normalize("NFC", name)


def folded(path: str) -> str:
    """Return what is the same for paths that some file system takes for one."""
    return normalize(normalize(path).casefold())


def digest(text: str, length: int = 8) -> str:
    """Return a short, file-name-safe stand-in for a text of any length."""
    import hashlib  # noqa: PLC0415 (a cold start does without)

    return hashlib.sha256(text.encode()).hexdigest()[:length]
