"""Writes with pyarrow's S3, s3fs and pandas, as their documentation has it.

Run with the Python of `.venv-peers`: `arrow_clients.py HOST:PORT BUCKET`, with AWS's variables.
"""

import sys

import pandas as pd
import s3fs
from pyarrow import fs

WORLD = b"hello world"


def main(place: str, bucket: str) -> None:
    """Write one object with each, and a large one in parts."""
    arrow = fs.S3FileSystem(endpoint_override=place, scheme="http")
    for name, content in (("small", WORLD), ("large", bytes(12 << 20))):
        with arrow.open_output_stream(f"{bucket}/arrow-{name}.bin") as stream:
            stream.write(content)
    with arrow.open_input_stream(f"{bucket}/arrow-small.bin") as stream:
        if stream.read() != WORLD:
            raise SystemExit("pyarrow reads other bytes than it wrote")
    options = {"endpoint_url": f"http://{place}"}
    with s3fs.S3FileSystem(**options).open(f"{bucket}/s3fs.bin", "wb") as file:
        file.write(WORLD)
    frame = pd.DataFrame({"a": [1]})
    frame.to_csv(f"s3://{bucket}/pandas.csv", index=False, storage_options=options)


if __name__ == "__main__":
    main(*sys.argv[1:])
