"""A report as text of at most 80 columns, and as HTML for a notebook."""

import textwrap
from collections.abc import Iterable
from html import escape

from modelmount_compiler.compilation import Compilation, MethodProof

WIDTH = 80
LONGEST_REASON = 400
ROWS = (1, 100)  # numbers of rows whose speed-up is told
HEADINGS = ("method", "probes", "flips", "difference", "bound", "1 row", "100 rows")
NOT_TIMED = "-"


def text(model: str, compilation: Compilation) -> str:
    """Return the table, and below it what it can't hold."""
    rows = [HEADINGS, *map(_cells, compilation.methods)]
    paragraphs = [_wrapped(_title(model, compilation))]
    if compilation.methods:
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        paragraphs.append("\n".join(_line(row, widths) for row in rows))
    paragraphs += [_wrapped(note) for note in _notes(compilation)]
    return "\n\n".join(paragraphs)


def html(model: str, compilation: Compilation) -> str:
    """Return the same as HTML, without script or style."""
    parts = [f"<p><b>{escape(_title(model, compilation))}</b></p>"]
    if compilation.methods:
        body = "".join(_row("td", _cells(proof)) for proof in compilation.methods)
        head = _row("th", HEADINGS)
        parts.append(f"<table><thead>{head}</thead><tbody>{body}</tbody></table>")
    parts += [f"<p>{escape(note)}</p>" for note in _notes(compilation)]
    return "".join(parts)


def _title(model: str, compilation: Compilation) -> str:
    became = "not compiled" if compilation.reason else "compiled"
    return f"{model}: {became} in {compilation.seconds:.1f} s, seed {compilation.seed}"


def _cells(proof: MethodProof) -> tuple[str, ...]:
    speedups = (proof.speedup(rows) for rows in ROWS)
    return (
        proof.method,
        f"{proof.probes:,}",
        f"{proof.flips:,}",
        f"{proof.largest_difference:.0e}",
        f"{proof.bound:.0e}",
        *(NOT_TIMED if found is None else f"{found:.1f}x" for found in speedups),
    )


def _notes(compilation: Compilation) -> list[str]:
    """Say why there is no program, or what is to know of single methods."""
    if compilation.reason:
        return [_cut(f"Reason: {compilation.reason}")]
    return [_cut(note) for proof in compilation.methods if (note := _note(proof))]


def _note(proof: MethodProof) -> str:
    if proof.reason:
        return f"{proof.method} isn't offered: {proof.reason}"
    if proof.max_rows is not None:
        return f"{proof.method}: the model itself is faster beyond {proof.max_rows} rows."
    if proof.min_rows > 1:
        return f"{proof.method}: the model itself is faster below {proof.min_rows} rows."
    return ""


def _cut(note: str) -> str:
    return note if len(note) <= LONGEST_REASON else f"{note[: LONGEST_REASON - 1]}…"


def _wrapped(paragraph: str) -> str:
    return textwrap.fill(paragraph, WIDTH, break_on_hyphens=False)


def _line(cells: Iterable[str], widths: Iterable[int]) -> str:
    """Align the first cell left and the others right."""
    first, *others = zip(cells, widths, strict=True)
    return "  ".join([first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)])


def _row(tag: str, cells: Iterable[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(cell)}</{tag}>' for cell in cells)}</tr>"
