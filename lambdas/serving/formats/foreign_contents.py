"""Files that are no model that can be served, recognised by their first bytes or as a zip.

Each is told as what it is, with the one thing to do. Sources of the marks: the formats' own
specifications, and libmagic's lists.
"""

import bz2
import gzip
import io
import lzma
import re
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from serving.formats.content_detection import fields, zip_names

HEAD_BYTES = 4096
POINTER, NO_MODEL = "POINTER_FILE", "NOT_A_MODEL"
NOT_SERVED, OLD_XGBOOST = "FORMAT_NOT_SERVED", "OLD_XGBOOST_FORMAT"
AS_ONNX = "Export the model as ONNX, and upload that."
THE_MODEL = "Upload the model's own file."
AGAIN = "Fetch the model's file again, look into it, and upload that."


@dataclass(frozen=True, slots=True)
class Foreign:
    """What a file is, and what its uploader does about it.

    Attributes:
        code: of the refusal.
        what: the end of a sentence that begins with the file's name and "is".
        advice: a sentence.
    """

    code: str
    what: str
    advice: str


# Learner parameters of 136 bytes, then two texts with their lengths: objective and booster.
OLD_BINARY = re.compile(
    rb"(?:binf)?.{136}[\x03-\x40]\0{7}[a-z]+:[a-z:]+[\x03-\x10]\0{7}(?:gbtree|gblinear|dart)",
    re.DOTALL,
)
_OLD = Foreign(
    OLD_XGBOOST,
    "a model in XGBoost's old binary format, which XGBoost can't read since 3.1",
    "Load it with an XGBoost before 3.1, save it with save_model as .ubj, and upload that.",
)
_TREES = Foreign(
    NOT_SERVED,
    "a dump of trees for people, from which no library can load a model",
    "Save the model with save_model (LightGBM: of the booster_), and upload that.",
)
_TORCH = Foreign(NOT_SERVED, "a file of PyTorch (torch.save or TorchScript)", AS_ONNX)
_KERAS = Foreign(NOT_SERVED, "a model of Keras", AS_ONNX)
_HDF5 = Foreign(NOT_SERVED, "an HDF5 file, as Keras saves models (.h5)", AS_ONNX)
_R = Foreign(NOT_SERVED, "an R object (.rds, .RData)", f"{AS_ONNX} XGBoost and LightGBM for R "
             "save files of their own, which are taken.")  # fmt: skip
_PAGE = Foreign(NO_MODEL, "an HTML page, as servers send instead of a file", AGAIN)
_TABLE = "Data is sent to a model with a request; here the model's own file belongs."

# The first that matches counts; all begin where the file does.
_PATTERNS: tuple[tuple[re.Pattern[bytes], Foreign], ...] = tuple(
    (re.compile(pattern, re.DOTALL), foreign)
    for pattern, foreign in (
        (rb"version https://(git-lfs|hawser)",
         Foreign(POINTER, "a Git LFS pointer, which stands for the model and isn't it",
                 "Run `git lfs pull`, and upload the file that is there then.")),
        (rb"[./]*(\.git)?/annex/objects/",
         Foreign(POINTER, "a git-annex pointer, which stands for the model and isn't it",
                 "Run `git annex get` with its name, and upload the file that is there then.")),
        (rb"(md5: [^\n]*\n)?(frozen: [^\n]*\n)?outs:\n\s*- ",
         Foreign(POINTER, "a DVC file, which stands for the model and isn't it",
                 "Run `dvc pull`, and upload the file that it names.")),
        (OLD_BINARY.pattern, _OLD),
        (rb"binf|bs64\t", _OLD),
        (rb"booster\[\d+\](:|\n)|\s*\[\s*\{\s*\"nodeid\"", _TREES),
        (rb"\s*\{\s*\"name\"\s*:\s*\"tree\"", _TREES),
        (rb"\s*\{\s*\"(features_info|oblivious_trees|model_info)\"",
         Foreign(NOT_SERVED, "a model of CatBoost in JSON",
                 "Save it with save_model as .cbm, which is its default, and upload that.")),
        (rb"(?i)(\xef\xbb\xbf)?\s*(<!doctype\s+html|<html|<head|<body)", _PAGE),
        (rb"(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?<Error>",
         Foreign(NO_MODEL, "an error message of S3, saved as a file", AGAIN)),
        (rb"(\xef\xbb\xbf)?\s*(<\?xml.*?)?<PMML", Foreign(NOT_SERVED, "a PMML document", AS_ONNX)),
        (rb"(\xef\xbb\xbf)?\s*<\?xml", Foreign(NO_MODEL, "an XML document", THE_MODEL)),
        (rb"\s*\{\s*\"cells\"\s*:", Foreign(NO_MODEL, "a Jupyter notebook", THE_MODEL)),
        (rb"\x89HDF\r\n\x1a\n", _HDF5),
        (rb"....TFL3", Foreign(NOT_SERVED, "a model of TensorFlow Lite", AS_ONNX)),
        (rb"....ORTM", Foreign(NOT_SERVED, "a model in ONNX Runtime's own format (.ort)",
                               "Upload the .onnx file that it was made from.")),
        (rb"\x80.\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19", _TORCH),
        (rb".....\0\0\0\{\s*\"", Foreign(NOT_SERVED, "a file of weights (safetensors)", AS_ONNX)),
        (rb"GGUF", Foreign(NOT_SERVED, "a language model of llama.cpp (GGUF)", AS_ONNX)),
        (rb"\xba\x16O/", Foreign(NOT_SERVED, "a model of fastText", AS_ONNX)),
        (rb"(RDX|RDA|RDB)[23]\n|X\n\0\0\0[\x02\x03]|A\n[23]\n", _R),
        (rb"\xac\xed\x00\x05", Foreign(NOT_SERVED, "a serialized object of Java", AS_ONNX)),
        (rb"PAR1", Foreign(NO_MODEL, "a Parquet table", _TABLE)),
        (rb"ARROW1|FEA1", Foreign(NO_MODEL, "an Arrow or Feather table", _TABLE)),
        (rb"ORC", Foreign(NO_MODEL, "an ORC table", _TABLE)),
        (rb"Obj\x01", Foreign(NO_MODEL, "an Avro table", _TABLE)),
        (rb"\x93NUMPY", Foreign(NO_MODEL, "a NumPy array (.npy)", _TABLE)),
        (rb"SQLite format 3\0", Foreign(NO_MODEL, "an SQLite database", THE_MODEL)),
        (rb"%PDF-", Foreign(NO_MODEL, "a PDF document", THE_MODEL)),
        (rb"\x89PNG|\xff\xd8\xff|GIF8", Foreign(NO_MODEL, "a picture", THE_MODEL)),
        (rb"\x7fELF|MZ.\0", Foreign(NO_MODEL, "a program", THE_MODEL)),
        (rb"#!", Foreign(NO_MODEL, "a script", THE_MODEL)),
        (rb".{257}ustar", Foreign(NO_MODEL, "a tar archive without the name of one",
                                  "Pack it as .tar.gz, and name it so.")),
        (rb"\x28\xb5\x2f\xfd", Foreign(NO_MODEL, "packed with zstd", "Pack it with gzip.")),
        (rb"7z\xbc\xaf|Rar!", Foreign(NO_MODEL, "an archive of 7-Zip or RAR", "Pack a .zip.")),
    )
)  # fmt: skip

# Members of a zip; the first that is there counts.
_MEMBERS: tuple[tuple[re.Pattern[str], Foreign], ...] = (
    (re.compile(r".*(^|/)data\.pkl|.*/constants\.pkl"), _TORCH),
    (re.compile(r"model\.weights\.h5"), _KERAS),
    (re.compile(r"(.*/)?model\.ini"), Foreign(NOT_SERVED, "a model of H2O (MOJO)", AS_ONNX)),
    (re.compile(r"\[Content_Types\]\.xml"), Foreign(NO_MODEL, "an Office document", THE_MODEL)),
    (re.compile(r".*\.npy"), Foreign(NO_MODEL, "a file of NumPy arrays (.npz)", _TABLE)),
    (re.compile(".*"), Foreign(NO_MODEL, "a zip archive without the name of one",
                               "Name it .zip, so that it is unpacked.")),
)  # fmt: skip
_CSV = Foreign(NO_MODEL, "a table as text (CSV)", _TABLE)
_COREML = Foreign(NOT_SERVED, "a model of Core ML", AS_ONNX)
_EMPTY = Foreign("EMPTY_FILE", "empty (0 bytes)", THE_MODEL)


def identify(file: BinaryIO) -> Foreign | None:
    """Return what an open file is, or None where it isn't known, or may be a model."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if not head:
        return _EMPTY
    for content in (head, _unpacked(head)):
        for pattern, foreign in _PATTERNS:
            if pattern.match(content):
                return foreign
    if head.startswith(b"PK\x03\x04"):
        return _in_zip(file)
    if _is_table(head):
        return _CSV
    file.seek(0)
    return _COREML if head[0] == 0x08 and max(_fields(file), default=0) >= 200 else None


def _in_zip(file: BinaryIO) -> Foreign | None:
    names = zip_names(file)
    if not names or "schema.json" in names:  # which can't be read, or is of skops
        return None
    found = (told for pattern, told in _MEMBERS if any(map(pattern.fullmatch, names)))
    return next(found, None)


def _unpacked(head: bytes) -> bytes:
    """Return how the unpacked content of a compressed file begins; empty for any other."""
    try:
        if head.startswith(b"\x1f\x8b"):
            return zlib.decompressobj(wbits=31).decompress(head, HEAD_BYTES)
        if head.startswith(b"BZh"):
            return bz2.BZ2Decompressor().decompress(head, HEAD_BYTES)
        if head.startswith(b"\xfd7zXZ"):
            return lzma.LZMADecompressor().decompress(head, HEAD_BYTES)
    except (zlib.error, OSError, lzma.LZMAError, EOFError, gzip.BadGzipFile):
        pass
    return b""


def _is_table(head: bytes) -> bool:
    """Whether the first lines are text with the same number of separators each."""
    try:
        text = head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:  # the last letter may be cut
            return False
        text = head[: error.start].decode("utf-8-sig")
    lines = [line for line in io.StringIO(text).read().split("\n")[:5] if line.strip()]
    if len(head) == HEAD_BYTES:
        lines = lines[:-1] or lines
    if len(lines) < 2 or not all(ch.isprintable() or ch in "\t\r" for line in lines for ch in line):
        return False
    return any(0 < lines[0].count(sep) == lines[1].count(sep) for sep in ",;\t")


def _fields(file: BinaryIO) -> set[int]:
    try:
        return fields(file)
    except EOFError:
        return set()
