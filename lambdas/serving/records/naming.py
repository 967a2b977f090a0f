"""Names of models, versions and files: the rule for valid ones, and their normal form."""

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
    """Return the normal form (Unicode NFC), under which a model is kept."""
    return unicodedata.normalize("NFC", name)


def folded(path: str) -> str:
    """Return a form that is equal for paths which some file systems don't tell apart."""
    return normalize(normalize(path).casefold())


def digest(text: str, length: int = 8) -> str:
    """Return the first digits of a text's SHA-256 in hexadecimal: a safe file name."""
    import hashlib  # noqa: PLC0415 (a cold start does without)

    return hashlib.sha256(text.encode()).hexdigest()[:length]
