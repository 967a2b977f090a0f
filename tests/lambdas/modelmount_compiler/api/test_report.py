"""A report as people see it."""

from dataclasses import replace

import pytest

from modelmount_compiler import Report
from modelmount_compiler.compilation import Compilation, MethodProof, Timing

TIMINGS = (Timing(1, 3000.0, 15.0), Timing(100, 5000.0, 250.0))
PREDICT = MethodProof("predict", 4792, 3, 0, 0.0, 1e-9, TIMINGS)
SHARES = replace(PREDICT, method="predict_proba", largest_difference=2.5e-13, max_rows=100)
SCORES = MethodProof("decision_function", 0, 0, 0, 0.0, 0.0, reason="it has no compiled form")
DONE = Compilation("program", None, (PREDICT, SHARES, SCORES), 20, 8.44, 60.0)
MARKUP = "for ['<script>alert(1)</script>'] & others"

TABLE = """\
RandomForestClassifier: compiled in 8.4 s, seed 20

method             probes  flips  difference  bound   1 row  100 rows
predict             4,792      0       0e+00  1e-09  200.0x     20.0x
predict_proba       4,792      0       2e-13  1e-09  200.0x     20.0x
decision_function       0      0       0e+00  0e+00       -         -

predict_proba: the model itself is faster beyond 100 rows.

decision_function isn't offered: it has no compiled form"""


def test_a_report_is_a_table() -> None:
    report = Report("RandomForestClassifier", DONE)
    assert repr(report) == TABLE
    assert (report.reason, report.seconds, report.seed) == (None, 8.44, 20)
    assert [proof.speedup(1) for proof in report.methods] == [200.0, 200.0, None]


@pytest.mark.parametrize(
    "compilation",
    [
        DONE,
        Compilation(None, f"predict: {MARKUP} " + "word " * 200, (PREDICT,)),
        Compilation(None, "x" * 1000),
    ],
)
def test_no_line_is_longer_than_eighty_columns(compilation: Compilation) -> None:
    lines = repr(Report("HistGradientBoostingClassifier", compilation)).splitlines()
    assert max(map(len, lines)) <= 80


def test_a_reason_is_told() -> None:
    text = repr(Report("Own", Compilation(None, "there is no compiled form of Own")))
    assert text.startswith("Own: not compiled in 0.0 s")
    assert text.endswith("Reason: there is no compiled form of Own")


def test_from_so_many_rows_on() -> None:
    many = replace(PREDICT, min_rows=10)
    text = repr(Report("SVC", Compilation("program", None, (many,))))
    assert text.endswith("predict: the model itself is faster below 10 rows.")


def test_a_notebook_shows_escaped_html() -> None:
    failed = Compilation(None, f"predict: {MARKUP}", (replace(PREDICT, reason=MARKUP),))
    html = Report("<b>Own</b>", failed)._repr_html_()
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&#x27;] &amp; others" in html
    assert "&lt;b&gt;Own&lt;/b&gt;: not compiled" in html
    assert "<td>predict</td><td>4,792</td>" in html
