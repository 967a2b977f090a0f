import pytest

from local.assembly.resources.bucket import Bucket
from local.s3.addressing import form_upload_key, split_path

BUCKET = Bucket("models", "arn:aws:s3:::models", versioned=True)


@pytest.mark.parametrize(
    ("path", "host", "expected"),
    [
        ("/models/a%20b/c%2B?x=1", "127.0.0.1:9000", ("models", "a b/c+")),
        ("/models", "127.0.0.1:9000", ("models", "")),
        ("/models/", "127.0.0.1:9000", ("models", "")),
        ("/", "127.0.0.1:9000", ("", "")),
        ("/a/b", "models.localhost:9000", ("models", "a/b")),
    ],
)
def test_splits_path_and_virtual_host(path: str, host: str, expected: tuple[str, str]) -> None:
    assert split_path(path, host, {"models": BUCKET}) == expected


def test_a_form_names_its_key() -> None:
    body = (
        b'--B\r\nContent-Disposition: form-data; name="key"\r\n\r\nup/${filename}\r\n'
        b'--B\r\nContent-Disposition: form-data; name="file"; filename="x y.bin"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n\x00\x01\r\n--B--\r\n"
    )
    assert form_upload_key("multipart/form-data; boundary=B", body) == "up/x y.bin"
