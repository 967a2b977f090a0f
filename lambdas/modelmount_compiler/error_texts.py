"""Cleans the texts of libraries' errors, which go to people who upload models.

The libraries name their own source files, and some add a stack trace. Neither helps an uploader,
and paths tell a stranger how the server is built.
"""

import re

# From here on a text is a trace: XGBoost's, CatBoost's, faulthandler's.
TRACE = re.compile(
    r"\s*(?:Stack trace:|uncaught exception:|Extension modules:|Fatal Python error\b[^\n]*\n|"
    r"Current thread\b[^\n]*\n|\[bt\]|\n\s+File \").*",
    re.DOTALL,
)
PYTHON_TRACE = re.compile(r"Traceback \(most recent call last\):.*\n(?=\S)", re.DOTALL)
ANSI = re.compile(r"\x1b\[[0-9;]*m")
# A statement of C++ that failed, with its place: "file.h:624 void f(int) [with T = int] …".
SIGNATURE = re.compile(
    r"(?:[\w./~+-]*/)?[\w.+-]+\.(?:cc|cpp|cxx|cu|h|hpp|pyx|c):\d+[: ]\s*"
    r"(?:[^\n(]*::[^\n(]*\([^\n]*?\)(?: const)?(?: \[with [^\n]*?\])?(?: (?=[\w'`])))?"
)
PYTHON_FILE = re.compile(r'File "[^"\n]*", line \d+(?:, in \S+)?\s*')
STAMP = re.compile(r"\[\d\d:\d\d:\d\d\] ?")
# An absolute path of two names or more; addresses on the web are none. Its last name stays.
PATH = re.compile(r"(?<![\w/:.])/(?:[\w.+@~-]{1,255}/)+([\w.+@~-]*)")
LONGEST = 2000


def without_traces(text: str, longest: int = LONGEST) -> str:
    """Return an error's text without stack traces, places in source code and folders' names."""
    text = PYTHON_TRACE.sub("", ANSI.sub("", text))
    text = TRACE.sub("", text)
    for pattern in (PYTHON_FILE, STAMP, SIGNATURE):
        text = pattern.sub("", text)
    text = PATH.sub(lambda found: found[1] or "a folder", text)
    text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
