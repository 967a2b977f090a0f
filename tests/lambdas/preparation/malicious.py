"""Attacks by pickle, none of which does harm: they would run `true`, or open what isn't there."""

import os
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.lambdas.preparation.honest import LINEAR, by_joblib


def pushed(value: object) -> bytes:
    """Return the opcodes that put a plain value on the stack."""
    return pickle.dumps(value, 2)[2:-1]


def named(module: str, name: str) -> bytes:
    return f"c{module}\n{name}\n".encode()


def called(module: str, name: str, *arguments: object) -> bytes:
    return named(module, name) + pushed(arguments) + b"R"


class Calls:
    """Pickles to a call of `function(*arguments)` upon load."""

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self._call = (function, arguments)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return self._call


# One call each: what it names, and with what.
GADGETS: dict[str, tuple[Any, ...]] = {
    "os": ("os", "system", "true"),
    "posix": ("posix", "system", "true"),
    "nt": ("nt", "system", "true"),
    "popen": ("os", "popen", "true"),
    "execv": ("os", "execv", "/bin/true", ["true"]),
    "subprocess": ("subprocess", "Popen", ["true"]),
    "check-output": ("subprocess", "check_output", ["true"]),
    "eval": ("builtins", "eval", "1"),
    "exec": ("builtins", "exec", "pass"),
    "compile": ("builtins", "compile", "1", "", "eval"),
    "import": ("builtins", "__import__", "os"),
    "open": ("builtins", "open", "/nonexistent"),
    "python-2-eval": ("__builtin__", "eval", "1"),
    "python-2-commands": ("commands", "getoutput", "true"),
    "getattr": ("builtins", "getattr", "", "join"),
    "breakpoint": ("builtins", "breakpoint"),
    "importlib": ("importlib", "import_module", "os"),
    "resolve-name": ("pkgutil", "resolve_name", "os:system"),
    "runpy": ("runpy", "run_path", "/nonexistent"),
    "pty": ("pty", "spawn", "true"),
    "webbrowser": ("webbrowser", "open", "about:blank"),
    "attrgetter": ("operator", "attrgetter", "system"),
    "methodcaller": ("_operator", "methodcaller", "system", "true"),
    "reduce": ("functools", "reduce", "x", []),
    "timeit": ("timeit", "timeit", "pass", "pass"),
    "code": ("code", "interact"),
    "codeop": ("codeop", "compile_command", "1"),
    "nested-pickle": ("pickle", "loads", b"N."),
    "nested-c-pickle": ("_pickle", "loads", b"N."),
    "marshal": ("marshal", "loads", b"N"),
    "function-type": ("types", "FunctionType", "x", {}),
    "code-type": ("types", "CodeType", 0),
    "ctypes": ("ctypes", "CDLL", "/nonexistent"),
    "socket": ("socket", "create_connection", ("127.0.0.1", 9)),
    "urlopen": ("urllib.request", "urlopen", "http://127.0.0.1:9"),
    "rmtree": ("shutil", "rmtree", "/nonexistent"),
    "pip": ("pip", "main", ["--version"]),
    "pydoc": ("pydoc", "locate", "os"),
    "pdb": ("pdb", "run", "pass"),
    "doctest": ("doctest", "debug_script", "pass"),
    "profile": ("cProfile", "run", "pass"),
    "logging-config": ("logging.config", "fileConfig", "/nonexistent"),
    "smtp": ("smtplib", "SMTP", "127.0.0.1", 9),
    "multiprocessing": ("multiprocessing.util", "spawnv_passfds", b"/bin/true", [b"true"], []),
    "ast": ("ast", "literal_eval", "1"),
    "sys-exit": ("sys", "exit", 1),
    "f2py": ("numpy.f2py.crackfortran", "getlincoef", "1", []),
    "numpy-testing": ("numpy.testing._private.utils", "runstring", "pass", {}),
    "numpy-load": ("numpy", "load", "/nonexistent", None, True),
    "numpy-fromfile": ("numpy", "fromfile", "/nonexistent"),
    "numpy-memmap": ("numpy", "memmap", "/nonexistent", "u1", "w+"),
    "numpy-ctypes": ("numpy.ctypeslib", "load_library", "nonexistent", "/"),
    "numpy-ufunc": ("numpy._core", "_ufunc_reconstruct", "os", "system"),
    "numpy-vectorize": ("numpy", "vectorize", "x"),
    "joblib-load": ("joblib", "load", "/nonexistent"),
    "joblib-memory": ("joblib.memory", "Memory", "/nonexistent"),
    "joblib-old-array": ("joblib.numpy_pickle", "NDArrayWrapper", "/nonexistent", "x"),
    "cloudpickle": ("cloudpickle.cloudpickle", "_make_function", "x"),
    "dill": ("dill._dill", "_create_function", "x"),
    "pandas-pickle": ("pandas.io.pickle", "read_pickle", "/nonexistent"),
    "pandas-read": ("pandas", "read_pickle", "/nonexistent"),
    "pandas-eval": ("pandas.core.computation.eval", "eval", "1"),
    "pandas-store": ("pandas.io.pytables", "HDFStore", "/nonexistent"),
    "scipy-io": ("scipy.io", "loadmat", "/nonexistent"),
    "sklearn-fetch": ("sklearn.datasets._openml", "fetch_openml", "nonexistent"),
    "sklearn-files": ("sklearn.datasets._base", "load_files", "/nonexistent"),
    "sklearn-re-exports": ("sklearn.utils._available_if", "MethodType", "x", "y"),
    "sklearn-connection": ("sklearn.callback._transport", "Client", ("127.0.0.1", 9)),
    "torch": ("torch.serialization", "load", "/nonexistent"),
    "torch-bytes": ("torch.storage", "_load_from_bytes", b""),
    "torch-hub": ("torch.hub", "load", "x", "y"),
    "tensorflow": ("tensorflow.python.ops.io_ops", "read_file", "/nonexistent"),
    "keras": ("keras.models", "load_model", "/nonexistent"),
    "thread": ("threading", "Thread", None, None),
    "custom-class": ("__main__", "MyTransformer"),
    "missing-package": ("my_company.models", "Secret"),
}


SYSTEM = Calls(os.system, "true")
SYSTEM_CALL = called("posix", "system", "true")
WEIGHTS = np.arange(100.0)
# To who stops at the first array, frame or STOP, all of these are honest.
AFTER_ARRAY = {"weights": WEIGHTS, "payload": SYSTEM}
IN_ARRAY = {"objects": np.array([SYSTEM, "innocent"], dtype=object)}


def arrays(number: int = 1) -> bytes:
    """Return what joblib writes of arrays one after the other, without the end."""
    return by_joblib([WEIGHTS + i for i in range(number)], 0, 2)[:-1]


def _by_memo() -> bytes:
    """Name a function by strings from the memo, the module put there last."""
    strings = b"\x8c\x06system\x940\x8c\x05posix\x940"
    return b"\x80\x04" + strings + b"h\x01h\x00\x93" + b"\x8c\x04true\x85R."


def _by_getattr() -> bytes:
    """getattr(__import__("os"), "system")("true")."""
    system = called("builtins", "__import__", "os") + pushed("system") + b"\x86"
    return b"\x80\x02" + named("builtins", "getattr") + system + b"R" + pushed(("true",)) + b"R."


def _after_an_empty_array() -> bytes:
    """Call where the bytes of an array would be, if it had any."""
    return by_joblib(np.empty(0), 0, 2)[:-1] + b"0" + SYSTEM_CALL + b"."


def _wrapper_to_a_function() -> bytes:
    """Hand joblib's array wrapper to a function, which could change where the array ends."""
    wrapper = named("joblib.numpy_pickle", "NumpyArrayWrapper") + b")\x81"
    return b"\x80\x02" + named("builtins", "list") + wrapper + b"\x85\x85R."


def _wrapper_with_methods() -> bytes:
    """Give joblib's array wrapper another `read`."""
    key = b"\x0a\x00\x00\x00allow_mmap"
    return by_joblib(WEIGHTS, 0, 2).replace(key, b"\x04\x00\x00\x00read", 1)


def _wrapper_by_base() -> bytes:
    """Have joblib's array wrapper made by a class that may return something else."""
    honest = named("joblib.numpy_pickle", "NumpyArrayWrapper") + b"q\x01"
    other = named("copyreg", "_reconstructor") + honest + named("sklearn.pipeline", "Pipeline")
    assert honest + b")\x81" in arrays()
    return arrays().replace(honest + b")\x81", other + b"N\x87R", 1) + b"."


def _forged_objects(data: bytes) -> bytes:
    """Have a dtype of objects say that it is none: bare pointers, taken from the file."""
    assert b"K?t" in data
    return data.replace(b"K?t", b"K\x00t", 1)


def _extension(opcode: bytes) -> bytes:
    return b"\x80\x02" + opcode + b")R."


SHAPES: dict[str, bytes] = {
    "protocol-0": b"cposix\nsystem\n(S'true'\ntR.",
    "protocol-0-in-a-list": b"(lp0\n(cposix\nsystem\n(Vtrue\ntRa.",
    "inst": b"(S'true'\niposix\nsystem\n.",
    "obj": b"(cposix\nsystem\nS'true'\no.",
    "newobj": b"\x80\x02" + named("subprocess", "Popen") + pushed((["true"],)) + b"\x81.",
    "newobj-ex": b"\x80\x04" + named("subprocess", "Popen") + pushed((["true"],)) + b"}\x92.",
    "stack-global": b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\x04true\x85R.",
    "stack-global-by-memo": _by_memo(),
    "stack-global-text": b"\x80\x04Vposix\nVsystem\n\x93\x8c\x04true\x85R.",
    "stack-global-bytes": b"\x80\x04U\x05posixU\x06system\x93\x8c\x04true\x85R.",
    "unframed-protocol-5": b"\x80\x05" + SYSTEM_CALL + b".",
    "dotted-name": b"\x80\x04\x8c\x0csklearn.base\x8c\x0dnp.f2py.diagn\x93)R.",
    "getattr-chain": _by_getattr(),
    "partial": b"\x80\x02" + named("functools", "partial") + named("os", "system") + b"\x85R.",
    "result-called": b"\x80\x02" + called("builtins", "list") + b")R.",
    "extension-1": _extension(b"\x82\x01"),
    "extension-2": _extension(b"\x83\x01\x00"),
    "extension-4": _extension(b"\x84\x01\x00\x00\x00"),
    "build-on-a-function": b"\x80\x02" + named("numpy", "mean") + pushed({"a": 1}) + b"b.",
    "build-on-a-class": b"\x80\x02"
    + named("sklearn.pipeline", "Pipeline")
    + pushed((None, {"predict": 1}))
    + b"b.",
    "build-with-a-function": b"\x80\x02"
    + named("sklearn.pipeline", "Pipeline")
    + b")\x81}(X\x07\x00\x00\x00predict"
    + named("posix", "system")
    + b"ub.",
    "setstate-that-execs": b"\x80\x02"
    + named("scipy.stats._continuous_distns", "norm_gen")
    + b")\x81"
    + pushed({"_parse_arg_template": "pass"})
    + b"b.",
    "function-to-transform-with": b"\x80\x02"
    + named("sklearn.preprocessing._function_transformer", "FunctionTransformer")
    + b")\x81}(X\x04\x00\x00\x00func"
    + named("os", "system")
    + b"ub.",
    "broken-after-the-call": b"\x80\x02" + SYSTEM_CALL + b"\xff\xff",
    "no-end": b"\x80\x02" + SYSTEM_CALL,
    "second-pickle": pickle.dumps(1) + pickle.dumps(SYSTEM),
    "second-pickle-after-joblib": by_joblib(LINEAR, 0) + pickle.dumps(SYSTEM),
    "after-stop-in-frame": b"\x80\x04\x95\x03\x00\x00\x00\x00\x00\x00\x00N.X",
    "duplicated": b"\x80\x02N2" + SYSTEM_CALL + b".",
    "after-an-array": by_joblib(AFTER_ARRAY, 0),
    "after-an-array-protocol-2": by_joblib(AFTER_ARRAY, 0, 2),
    "after-many-arrays": arrays(50) + SYSTEM_CALL + b"a.",
    "in-an-object-array": by_joblib(IN_ARRAY, 0),
    "in-a-pickled-object-array": pickle.dumps(IN_ARRAY),
    "in-an-object-array-of-arrays": by_joblib(
        np.array([WEIGHTS, IN_ARRAY["objects"]], dtype=object), 0
    ),
    **{
        f"in-{method}": by_joblib(AFTER_ARRAY, (method, 3))
        for method in ("zlib", "gzip", "bz2", "xz", "lzma")
    },
    "object-array-in-gzip": by_joblib(IN_ARRAY, ("gzip", 3)),
    "wrapper-to-a-function": _wrapper_to_a_function(),
    "wrapper-with-methods": _wrapper_with_methods(),
    "wrapper-by-base": _wrapper_by_base(),
    "after-an-empty-array": _after_an_empty_array(),
    "forged-objects-joblib": _forged_objects(by_joblib(IN_ARRAY["objects"][1:], 0, 2)),
    "forged-objects-pickle": _forged_objects(pickle.dumps(IN_ARRAY["objects"][1:], 2)),
}

MALICIOUS: dict[str, bytes] = {
    **{
        f"{name}-{protocol}": bytes([0x80, protocol]) + called(*gadget) + b"."
        for name, gadget in GADGETS.items()
        for protocol in (2, 4)
    },
    **SHAPES,
}
