"""Archives, made here: hostile ones, each with what is wrong with it, and honest ones.

All hold a model as well, so that nothing but the fault is a reason to refuse them.
"""

import gzip
import io
import random
import stat
import struct
import tarfile
import warnings
import zipfile
from collections.abc import Callable
from tarfile import TarInfo
from typing import Any

MODEL = ("model.joblib", b"the model")
NOISE = random.Random(1).randbytes(10**6)
LOCAL, DIRECTORY, END = b"PK\3\4", b"PK\1\2", b"PK\5\6"
Entry = tuple[str | TarInfo, bytes]


def entry(name: str, kind: bytes = tarfile.REGTYPE, **fields: Any) -> tuple[TarInfo, bytes]:
    """Return a member of any type, without content."""
    info = TarInfo(name)
    info.type = kind
    for field, value in fields.items():
        setattr(info, field, value)
    return info, b""


def plain_tar(*entries: Entry, fmt: int = tarfile.PAX_FORMAT, **options: Any) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=fmt, **options) as archive:
        for name, data in entries:
            info = name if isinstance(name, TarInfo) else TarInfo(name)
            if data:
                info.size = len(data)
            archive.addfile(info, io.BytesIO(data) if data or not info.size else None)
    return buffer.getvalue()


def tar(*entries: Entry, **options: Any) -> bytes:
    return gzip.compress(plain_tar(*entries, **options), mtime=0)


def raw_tar(*headers: tuple[TarInfo, bytes]) -> bytes:
    """Return an archive of these very headers, whatever they claim, each with its content."""
    blocks = [
        info.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape") + data + bytes(-len(data) % 512)
        for info, data in headers
    ]
    return gzip.compress(b"".join(blocks) + bytes(1024), mtime=0)


def pax(*records: bytes, kind: bytes = tarfile.XHDTYPE) -> tuple[TarInfo, bytes]:
    data = b"".join(records)
    return entry("pax", kind, size=len(data))[0], data


def record(text: str) -> bytes:
    """Return a short record of a pax header."""
    body = f" {text}\n".encode("utf-8", "surrogateescape")
    return f"{len(body) + 2:02}".encode() + body


def sized(name: str, data: bytes) -> tuple[TarInfo, bytes]:
    return entry(name, size=len(data))[0], data


def zipped(
    *entries: tuple[str | zipfile.ZipInfo, bytes], packing: int = zipfile.ZIP_DEFLATED
) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a name that is there twice
        for name, data in entries:
            archive.writestr(name, data)
    return buffer.getvalue()


def zip_entry(name: str, mode: int) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.create_system = 3
    info.external_attr = mode << 16
    return info


def patched(data: bytes, record: bytes, at: int, form: str, value: int, which: int = 0) -> bytes:
    """Overwrite a field of the `which`-th record of this signature."""
    start = -1
    for _ in range(which + 1):
        start = data.index(record, start + 1)
    new = bytearray(data)
    struct.pack_into(form, new, start + at, value)
    return bytes(new)


def flagged(flag: int) -> bytes:
    data = zipped(MODEL)
    return patched(patched(data, LOCAL, 6, "<H", flag), DIRECTORY, 8, "<H", flag)


def renamed(data: bytes, old: bytes, new: bytes, count: int = -1) -> bytes:
    assert len(old) == len(new)
    return data.replace(old, new, count)


def two_with_one_content() -> bytes:
    """Return a zip whose second directory entry leads to the first member (a bomb's trick)."""
    data = zipped(("model.joblib", b"x" * 20), ("second.bin", b"x" * 20))
    return patched(data, DIRECTORY, 42, "<L", 0, which=1)


def without_names() -> bytes:
    data = zipped(("xx.joblib", b""), MODEL)
    return renamed(data, b"xx.joblib", b"\x80\xff.joblib")


def _both(files: list[tuple[str, bytes]]) -> dict[str, tuple[str, Callable[[], bytes]]]:
    """Return the files as a tar and as a zip, each after a model."""
    entries = (MODEL, *files)
    names = " and ".join(f"{name!r:.60}" for name, _ in files)
    return {
        f"tar {names}": (".tar.gz", lambda: tar(*entries)),
        f"zip {names}": (".zip", lambda: zipped(*entries)),
    }


BAD_NAMES = [
    *("/etc/passwd", "//etc/passwd", "../escaped", "a/../../escaped", "a/..", "./../escaped"),
    *("..\\escaped", "a\\b", "C:escaped", "C:/escaped", "c:\\escaped"),
    *("line\nbreak", "bell\x07", "c1\x85", "escape\x1b[2J"),
    *("x" * 256, "/".join("d" * 17), "/".join(["y" * 250] * 5)),
    *("manifest.json", "MANIFEST.json", "./manifest.json", "manifest.json/inside"),
]
MEETING = [
    *(("a", "a"), ("a", "A"), ("a", "./a"), ("d/a", "d//a"), ("stra\u00dfe", "STRASSE")),
    *(("caf\u00e9", "cafe\u0301"), ("a", "a/b"), ("a/b", "a"), ("D/a", "d/b")),
]
TARS: dict[str, Callable[[], bytes]] = {
    "symbolic link": lambda: tar(MODEL, entry("l", tarfile.SYMTYPE, linkname="model.joblib")),
    "symbolic link to outside": lambda: tar(MODEL, entry("l", tarfile.SYMTYPE, linkname="/etc")),
    "file through a link": lambda: tar(
        MODEL, entry("l", tarfile.SYMTYPE, linkname="../../outside"), ("l/x", b"x")
    ),
    "hard link": lambda: tar(MODEL, entry("l", tarfile.LNKTYPE, linkname="model.joblib")),
    "hard link to outside": lambda: tar(
        MODEL, entry("l", tarfile.LNKTYPE, linkname="../../outside/kept")
    ),
    "long link name": lambda: tar(
        entry("l", tarfile.SYMTYPE, linkname="d/" * 90), MODEL, fmt=tarfile.GNU_FORMAT
    ),
    "character device": lambda: tar(MODEL, entry("null", tarfile.CHRTYPE, devmajor=1, devminor=3)),
    "block device": lambda: tar(MODEL, entry("sda", tarfile.BLKTYPE, devmajor=8)),
    "pipe": lambda: tar(MODEL, entry("pipe", tarfile.FIFOTYPE)),
    "contiguous file": lambda: tar(MODEL, entry("odd", tarfile.CONTTYPE)),
    "volume label": lambda: raw_tar(entry("label", b"V"), sized(*MODEL)),
    "folder dump": lambda: raw_tar(entry("dump", b"D"), sized(*MODEL)),
    "old sparse file": lambda: raw_tar(entry("sparse", tarfile.GNUTYPE_SPARSE), sized(*MODEL)),
    "pax sparse file": lambda: raw_tar(pax(record("GNU.sparse.major=1")), sized(*MODEL)),
    "pax path to outside": lambda: raw_tar(pax(record("path=../../outside/x")), sized(*MODEL)),
    "pax path with NUL": lambda: raw_tar(pax(record("path=a.joblib\0/..")), sized(*MODEL)),
    "pax path not UTF-8": lambda: raw_tar(pax(record("path=model\udcff.joblib")), sized(*MODEL)),
    "pax path for all": lambda: raw_tar(
        pax(record("path=../x"), kind=tarfile.XGLTYPE), sized(*MODEL)
    ),
    "pax size that hides a member": lambda: raw_tar(
        pax(record("size=2000")), sized(*MODEL), sized("b", b"b" * 600)
    ),
    "pax size of many digits": lambda: raw_tar(pax(record("size=" + "9" * 70)), sized(*MODEL)),
    "pax size negative": lambda: raw_tar(pax(record("size=-512")), sized(*MODEL)),
    "pax record longer than all": lambda: raw_tar(pax(b"999 path=x\n"), sized(*MODEL)),
    "pax record of length 0": lambda: raw_tar(pax(b"0 path=x\n"), sized(*MODEL)),
    "pax record without length": lambda: raw_tar(pax(b"path=x\n"), sized(*MODEL)),
    "pax header of 1 GiB": lambda: raw_tar(entry("p", tarfile.XHDTYPE, size=2**30), sized(*MODEL)),
    "long name of 1 GiB": lambda: raw_tar(
        entry("p", tarfile.GNUTYPE_LONGNAME, size=2**30), sized(*MODEL)
    ),
    "negative extension": lambda: raw_tar(entry("p", tarfile.XHDTYPE, size=-512), sized(*MODEL)),
    "endless extensions": lambda: raw_tar(*[pax(record("comment=x"))] * 9, sized(*MODEL)),
    "extension of nothing": lambda: raw_tar(sized(*MODEL), pax(record("path=x.joblib"))),
    "negative size": lambda: raw_tar(sized(*MODEL), entry("n", size=-1024)),
    "size of 8 EiB": lambda: raw_tar(sized(*MODEL), entry("huge", size=2**63)),
    "folder with content": lambda: raw_tar(
        sized(*MODEL), (entry("d", tarfile.DIRTYPE, size=512)[0], bytes(512))
    ),
    "file named as a folder": lambda: raw_tar(sized("d/", b"x"), sized(*MODEL)),
    "name not UTF-8": lambda: tar(MODEL, ("caf\udce9", b"x"), fmt=tarfile.GNU_FORMAT),
    "damaged header in the middle": lambda: gzip.compress(
        plain_tar(MODEL, ("second", b"x")).replace(b"second", b"SECOND"), mtime=0
    ),
    "cut off in a file": lambda: gzip.compress(
        plain_tar(("model.joblib", b"x" * 9999))[:5000], mtime=0
    ),
    "cut off between files": lambda: gzip.compress(plain_tar(MODEL)[:1024], mtime=0),
    "cut off in gzip": lambda: tar(("model.joblib", NOISE[:9999]))[:-100],
    "cut off in gzip's checksum": lambda: tar(MODEL)[:-4],
    "wrong checksum of gzip": lambda: tar(MODEL)[:-8] + bytes(8),
    "bytes after gzip": lambda: tar(MODEL) + b"more",
    "bytes after the end mark": lambda: gzip.compress(plain_tar(MODEL) + b"more", mtime=0),
    "another archive after the first": lambda: tar(MODEL) + tar(("second", b"x")),
    "zeros without end": lambda: gzip.compress(plain_tar(MODEL) + bytes(2**21), mtime=0),
    "no gzip": lambda: plain_tar(MODEL),
    "a zip": lambda: zipped(MODEL),
    "text": lambda: b"not an archive",
    "no tar in gzip": lambda: gzip.compress(b"x" * 2000, mtime=0),
    "too many": lambda: tar(MODEL, *(entry(f"{n}", tarfile.DIRTYPE) for n in range(10_001))),
    "too many folders": lambda: tar(
        MODEL, *(entry(f"{n}/" + "d/" * 14, tarfile.DIRTYPE) for n in range(999))
    ),
    "too large in all": lambda: tar(MODEL, *((str(number), NOISE) for number in range(20))),
    "a bomb": lambda: tar(MODEL, ("zeros", bytes(17 * 2**20))),
}
ZIPS: dict[str, Callable[[], bytes]] = {
    "symbolic link": lambda: zipped(MODEL, (zip_entry("l", stat.S_IFLNK | 0o777), b"/etc/passwd")),
    "device": lambda: zipped(MODEL, (zip_entry("null", stat.S_IFCHR | 0o666), b"")),
    "pipe": lambda: zipped(MODEL, (zip_entry("pipe", stat.S_IFIFO | 0o666), b"")),
    "folder that is a file": lambda: zipped(MODEL, (zip_entry("d", stat.S_IFDIR | 0o755), b"")),
    "file that is a folder": lambda: zipped(MODEL, (zip_entry("d/", stat.S_IFREG | 0o644), b"")),
    "folder with content": lambda: zipped(MODEL, ("d/", b"x")),
    "encrypted": lambda: flagged(0x1),
    "strongly encrypted": lambda: flagged(0x41),
    "encrypted directory": lambda: flagged(0x2000),
    "encrypted says the member alone": lambda: patched(zipped(MODEL), LOCAL, 6, "<H", 1),
    "patch": lambda: flagged(0x20),
    "bzip2": lambda: zipped(MODEL, packing=zipfile.ZIP_BZIP2),
    "lzma": lambda: zipped(MODEL, packing=zipfile.ZIP_LZMA),
    "name differs in the member": lambda: renamed(
        zipped(MODEL), b"model.joblib", b"../../x.jobl", 1
    ),
    "name with NUL": lambda: renamed(zipped(MODEL, ("axb.joblib", b"")), b"axb", b"a\0b"),
    "name not UTF-8": lambda: renamed(zipped(MODEL, ("xxx", b"")), b"xxx", b"a\xffb"),
    "name not UTF-8 but flagged so": lambda: patched(
        patched(without_names(), LOCAL, 6, "<H", 0x800), DIRECTORY, 8, "<H", 0x800
    ),
    "method differs in the member": lambda: patched(zipped(MODEL), LOCAL, 8, "<H", 0),
    "size differs in the member": lambda: patched(zipped(MODEL), LOCAL, 22, "<L", 1),
    "checksum differs in the member": lambda: patched(zipped(MODEL), LOCAL, 14, "<L", 1),
    "size too small": lambda: patched(
        patched(zipped(MODEL), LOCAL, 22, "<L", 3), DIRECTORY, 24, "<L", 3
    ),
    "size too large": lambda: patched(
        patched(zipped(MODEL), LOCAL, 22, "<L", 99), DIRECTORY, 24, "<L", 99
    ),
    "wrong checksum": lambda: patched(
        patched(zipped(MODEL), LOCAL, 14, "<L", 1), DIRECTORY, 16, "<L", 1
    ),
    "two members with one content": two_with_one_content,
    "overlapping members": lambda: patched(
        zipped(("model.joblib", bytes(50)), ("b", b"x"), packing=zipfile.ZIP_STORED),
        *(DIRECTORY, 42, "<L", 60, 1),
    ),
    "content reaches into the directory": lambda: patched(
        patched(zipped(MODEL), LOCAL, 18, "<L", 99), DIRECTORY, 20, "<L", 99
    ),
    "member is nowhere": lambda: patched(
        zipped(MODEL, ("b", b"x")), DIRECTORY, 42, "<L", 5, which=1
    ),
    "member far away": lambda: patched(
        zipped(MODEL, ("b", b"x")), DIRECTORY, 42, "<L", 2**31, which=1
    ),
    "bytes before": lambda: b"MZ" + zipped(MODEL),
    "bytes after": lambda: zipped(MODEL) + b"more",
    "another archive after the first": lambda: zipped(("second", b"x")) + zipped(MODEL),
    "fewer members than there are": lambda: patched(zipped(MODEL, ("b", b"x")), END, 10, "<H", 1),
    "end mark in a comment": lambda: zipped(MODEL)[:-2] + b"\x16\0" + zipped()[:20] + b"\x05\0",
    "no directory": lambda: zipped(MODEL)[:60],
    "cut off": lambda: zipped(MODEL)[:-10],
    "damaged content": lambda: renamed(
        zipped(MODEL, packing=zipfile.ZIP_STORED), b"the model", b"the_model"
    ),
    "a tar.gz": lambda: tar(MODEL),
    "text": lambda: b"not an archive",
    "too many": lambda: zipped(MODEL, *((f"{number}/", b"") for number in range(10_001))),
    "large directory": lambda: zipped(
        MODEL, *((f"{number:0200}", b"") for number in range(20_000))
    ),
    "too large in all": lambda: zipped(MODEL, *((str(number), NOISE) for number in range(20))),
    "a bomb": lambda: zipped(MODEL, ("zeros", bytes(17 * 2**20))),
}
Case = tuple[str, Callable[[], bytes]]
HOSTILE: dict[str, Case] = {
    **{test: case for name in BAD_NAMES for test, case in _both([(name, b"x")]).items()},
    **{test: case for a, b in MEETING for test, case in _both([(a, b"1"), (b, b"2")]).items()},
    **{f"tar: {name}": (".tar.gz", make) for name, make in TARS.items()},
    **{f"zip: {name}": (".zip", make) for name, make in ZIPS.items()},
}

Files = dict[str, bytes]
LONG = "/".join(["a folder of a rather long name"] * 6) + "/weights.bin"
FILES: Files = {
    "model.joblib": b"the model",
    "code/inference.py": b"raise SystemExit",
    "code/requirements.txt": b"",
    "caf\u00e9/\u6a21\u578b.bin": b"\x00" * 5000,
    "a b'c\"d$e:f": b"odd but fine",
    ".hidden/._model.joblib": b"of macOS",
    "nested/manifest.json": b"{}",
    "model.json": b"{}",
    "Model.joblib.txt": b"x" * 1024,
}


def _tarred(files: Files, prefix: str = "", **options: Any) -> bytes:
    return tar(*((prefix + name, data) for name, data in files.items()), **options)


def _git_archive() -> bytes:
    comment = pax(record("comment=0a1b2c"), kind=tarfile.XGLTYPE)
    return raw_tar(comment, sized(*MODEL))


def _streamed_zip() -> bytes:
    """Return a zip written where the writer couldn't seek: sizes follow each member."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: int) -> int:
            raise io.UnsupportedOperation

        def tell(self) -> int:
            raise io.UnsupportedOperation

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in FILES.items():
            archive.writestr(name, data)
    return pipe.getvalue()


def _zip64() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in FILES.items():
            with archive.open(name, "w", force_zip64=True) as file:
                file.write(data)
    return buffer.getvalue()


def _commented() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(*MODEL)
        archive.comment = b"0a1b2c of a repository"
    return buffer.getvalue()


def _owned(name: str, data: bytes) -> Entry:
    info, _ = entry(name, mode=0o6777, uid=0, gid=0, uname="caf\udce9", mtime=2**33)
    return info, data


def _v7_folder() -> bytes:
    return raw_tar(entry("code/", tarfile.AREGTYPE), sized("code/a.py", b"a"), sized(*MODEL))


ONE: Files = dict([MODEL])
HONEST: dict[str, tuple[str, Callable[[], bytes], Files]] = {
    "tar: pax": (".tar.gz", lambda: _tarred(FILES), FILES),
    "tar: gnu": (".tar.gz", lambda: _tarred(FILES, fmt=tarfile.GNU_FORMAT), FILES),
    "tar: ustar": (".tgz", lambda: _tarred(FILES, fmt=tarfile.USTAR_FORMAT), FILES),
    "tar: upper case": (".TAR.GZ", lambda: _tarred(FILES), FILES),
    "tar: long names, pax": (".tar.gz", lambda: _tarred(ONE | {LONG: b"x"}), ONE | {LONG: b"x"}),
    "tar: long names, gnu": (
        ".tar.gz",
        lambda: _tarred(ONE | {LONG: b"x"}, fmt=tarfile.GNU_FORMAT),
        ONE | {LONG: b"x"},
    ),
    "tar: long names, ustar": (
        ".tar.gz",
        lambda: _tarred(ONE | {LONG: b"x"}, fmt=tarfile.USTAR_FORMAT),
        ONE | {LONG: b"x"},
    ),
    "tar: of the folder itself": (
        ".tar.gz",
        lambda: tar(
            entry("./", tarfile.DIRTYPE),
            entry("./code", tarfile.DIRTYPE, mode=0),
            *((f"./{name}", data) for name, data in FILES.items()),
            entry("./empty", tarfile.DIRTYPE),
        ),
        FILES,
    ),
    "tar: folders after files, and twice": (
        ".tar.gz",
        lambda: tar(MODEL, ("d/a", b"a"), *[entry("d/", tarfile.DIRTYPE)] * 2, ("d/b", b"b")),
        ONE | {"d/a": b"a", "d/b": b"b"},
    ),
    "tar: odd owners and times": (
        ".tar.gz",
        lambda: tar(_owned("model.joblib", b"the model"), fmt=tarfile.GNU_FORMAT),
        ONE,
    ),
    "tar: attributes of macOS": (
        ".tar.gz",
        lambda: raw_tar(
            sized("._model.joblib", b"icon"),
            pax(record("SCHILY.xattr.com.apple.x=\0\x07\udcff")),
            sized(*MODEL),
        ),
        ONE | {"._model.joblib": b"icon"},
    ),
    "tar: as git makes it": (".tar.gz", _git_archive, ONE),
    "tar: folder as in V7": (".tar.gz", _v7_folder, ONE | {"code/a.py": b"a"}),
    "tar: large blocks": (
        ".tar.gz",
        lambda: gzip.compress(plain_tar(MODEL) + bytes(500 * 1024), mtime=0),
        ONE,
    ),
    "tar: one zero block at the end": (
        ".tar.gz",
        lambda: gzip.compress(plain_tar(MODEL)[:1536], mtime=0),
        ONE,
    ),
    "tar: in pieces of gzip": (
        ".tar.gz",
        lambda: b"".join(
            gzip.compress(plain_tar(*FILES.items())[at : at + 700]) for at in range(0, 20480, 700)
        ),
        FILES,
    ),
    "tar: zeros below the bomb": (
        ".tar.gz",
        lambda: _tarred(ONE | {"zeros": bytes(10**6)}),
        ONE | {"zeros": bytes(10**6)},
    ),
    "zip: stored": (".zip", lambda: zipped(*FILES.items(), packing=zipfile.ZIP_STORED), FILES),
    "zip: deflated": (".zip", lambda: zipped(*FILES.items()), FILES),
    "zip: upper case": (".ZIP", lambda: zipped(*FILES.items()), FILES),
    "zip: with folders": (
        ".zip",
        lambda: zipped(("code/", b""), (zip_entry("e/", 0o40755), b""), *FILES.items()),
        FILES,
    ),
    "zip: modes of Unix": (
        ".zip",
        lambda: zipped((zip_entry("model.joblib", stat.S_IFREG | 0o6777), b"the model")),
        ONE,
    ),
    "zip: streamed": (".zip", _streamed_zip, FILES),
    "zip: zip64": (".zip", _zip64, FILES),
    "zip: with a comment": (".zip", _commented, ONE),
    "zip: UTF-8 without its flag": (
        ".zip",
        lambda: renamed(zipped(MODEL, ("cafxx", b"x")), b"cafxx", "caf\u00e9".encode()),
        ONE | {"caf\u00e9": b"x"},
    ),
    "zip: of macOS": (
        ".zip",
        lambda: zipped(MODEL, ("__MACOSX/._model.joblib", b"icon"), (".DS_Store", b"x")),
        ONE | {"__MACOSX/._model.joblib": b"icon", ".DS_Store": b"x"},
    ),
}
