import pytest

from serving.api.headers.preferences import media_type, weights

OFFERED = ("application/json", "text/csv", "application/x-npy")


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/csv", "text/csv"),
        ("TEXT/CSV; charset=utf-8", "text/csv"),
        ("text/csv, application/json", "text/csv"),
        ("text/csv;q=0.1, application/json;q=0.9", "application/json"),
        ("text/csv;q=0.9,application/json;q=0.1", "text/csv"),
        ("text/html, application/xml;q=0.9, */*;q=0.8", "application/json"),
        ("application/json;q=0, */*", "text/csv"),
        ("application/*, text/csv;q=0.9", "application/json"),
        ("application/*;q=0.2, application/x-npy", "application/x-npy"),
        ("application/*, application/x-npy", "application/x-npy"),
        ("text/*", "text/csv"),
        ("text/csv ; q=0.5 , */*;q=0.4", "text/csv"),
        ("text/html", None),
        ("*/*;q=0", None),
        ("text/csv;q=0", None),
        ("garbage;;q=x", None),
    ],
)
def test_the_preferred_type_is_chosen(accept: str, chosen: str | None) -> None:
    assert media_type(accept, OFFERED) == chosen


@pytest.mark.parametrize("quality", ["2", "-1", "nan", "x", ""])
def test_a_quality_that_is_none_counts_as_one(quality: str) -> None:
    assert weights(f"gzip;q={quality}") == [("gzip", 1.0)]
