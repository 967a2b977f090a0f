"""Functions that published attacks call, each a way to run code, reach files or other machines.

The names are from public reports: advisories of picklescan, fickling and modelscan, PickleBall
(CCS 2025), "The Art of Hide and Seek" (arXiv 2508.19774) and PickleFuzzer (arXiv 2605.15084). The
pickles are written anew by the functions below.
"""

from collections.abc import Callable

from tests.lambdas.preparation.malicious import named, pushed

BY_MODULE = {
    # Runs a command.
    "os": "system popen execv execve execvp spawnl spawnv posix_spawn startfile putenv",
    "posix": "system execv fork posix_spawn",
    "nt": "system execv",
    "subprocess": "Popen run call check_call check_output getoutput getstatusoutput",
    "pty": "spawn fork",
    "commands": "getoutput",
    "asyncio.unix_events": "_UnixSubprocessTransport",
    "multiprocessing.util": "spawnv_passfds",
    "distutils.spawn": "spawn",
    "distutils.file_util": "write_file copy_file",
    "ensurepip": "_run_pip",
    "pip": "main",
    "pip._internal": "main",
    "setuptools.sandbox": "run_setup",
    "lib2to3.pgen2.pgen": "ParserGenerator",
    "lib2to3.pgen2.grammar": "Grammar.loads",
    "idlelib.pyshell": "ModifiedInterpreter.runcode ModifiedInterpreter.runcommand",
    "idlelib.autocomplete": "AutoComplete.get_entity AutoComplete.fetch_completions",
    "idlelib.calltip": "get_entity Calltip.fetch_tip",
    "idlelib.debugobj": "ObjectTreeItem.SetText",
    "idlelib.run": "Executive.runcode",
    "antigravity": "geohash",
    # Runs Python.
    "builtins": "eval exec compile __import__ open getattr setattr delattr breakpoint input "
    "globals vars locals memoryview type map filter apply execfile print",
    "__builtin__": "eval execfile apply",
    "code": "interact InteractiveConsole InteractiveInterpreter.runcode",
    "codeop": "compile_command",
    "runpy": "run_path run_module _run_code",
    "importlib": "import_module reload",
    "importlib._bootstrap": "_call_with_frames_removed",
    "pkgutil": "resolve_name find_loader",
    "imp": "load_source",
    "zipimport": "zipimporter",
    "timeit": "timeit main repeat",
    "trace": "Trace.run Trace.runctx",
    "profile": "Profile.run Profile.runctx run",
    "cProfile": "run runctx",
    "bdb": "Bdb.run",
    "pdb": "run runeval Pdb",
    "doctest": "debug_script debug testsource",
    "pydoc": "locate pipepager tempfilepager",
    "unittest.mock": "_importer _patch",
    "unittest.loader": "TestLoader.loadTestsFromName",
    "types": "FunctionType CodeType MethodType",
    "functools": "reduce partialmethod cached_property singledispatch",
    "operator": "attrgetter methodcaller itemgetter call setitem",
    "_operator": "attrgetter methodcaller",
    "itertools": "starmap accumulate",
    "ast": "literal_eval",
    "symtable": "symtable",
    "inspect": "getattr_static",
    "typing": "get_type_hints ForwardRef._evaluate",
    "dataclasses": "_create_fn make_dataclass",
    "collections": "namedtuple",
    "enum": "_decompose",
    "string": "Formatter",
    "logging.config": "fileConfig dictConfig listen",
    "ctypes": "CDLL PyDLL cast string_at",
    "ctypes.util": "_findLib_gcc find_library",
    "_ctypes": "dlopen",
    "cffi": "FFI",
    "gc": "get_objects",
    "sys": "exit setprofile settrace addaudithook",
    "atexit": "register",
    "signal": "signal",
    "threading": "Thread Timer",
    "_thread": "start_new_thread",
    "concurrent.futures": "ThreadPoolExecutor",
    "sched": "scheduler",
    "weakref": "finalize",
    "test.support.script_helper": "assert_python_ok",
    # Unpickles once more.
    "pickle": "loads load Unpickler",
    "_pickle": "loads load Unpickler",
    "marshal": "loads load",
    "shelve": "open",
    "copyreg": "pickle __newobj__ _slotnames add_extension",
    "dill": "loads",
    "dill._dill": "_create_function _import_module",
    "cloudpickle.cloudpickle": "_make_function subimport _builtin_type",
    "joblib": "load dump Memory Parallel",
    "joblib.memory": "Memory",
    "joblib.numpy_pickle": "NDArrayWrapper ZNDArrayWrapper load",
    "pandas": "read_pickle eval DataFrame Series read_csv HDFStore",
    "pandas.core.computation.eval": "eval",
    "pandas.core.frame": "DataFrame",
    "pandas.core.series": "Series",
    "pandas.io.common": "get_handle",
    "torch": "load",
    "torch.jit": "load",
    "torch.hub": "load",
    "torch.storage": "_load_from_bytes",
    "torch.utils.collect_env": "run",
    "torch.utils._config_module": "ConfigModule.load_config",
    "torch._dynamo.guards": "GuardBuilder.get",
    "torch.fx.experimental.symbolic_shapes": "ShapeEnv.evaluate_guards_expression",
    "torch.utils.bottleneck.__main__": "run_cprofile",
    "tensorflow.python.ops.io_ops": "read_file",
    "keras.models": "load_model",
    "mlflow.projects.backend": "load_backend",
    "skops.io": "load",
    # Opens files and connections.
    "io": "open FileIO open_code",
    "codecs": "open",
    "shutil": "rmtree copyfile move unpack_archive",
    "pathlib": "Path.write_text Path.read_text PosixPath",
    "tempfile": "NamedTemporaryFile",
    "linecache": "getlines",
    "fileinput": "FileInput",
    "glob": "glob",
    "mmap": "mmap",
    "sqlite3": "connect",
    "zipfile": "ZipFile",
    "tarfile": "open",
    "socket": "create_connection socket",
    "urllib.request": "urlopen urlretrieve",
    "http.client": "HTTPSConnection",
    "ftplib": "FTP",
    "smtplib": "SMTP",
    "ssl": "get_server_certificate",
    "webbrowser": "open",
    "aiohttp.client": "ClientSession",
    "requests.api": "get",
    "httplib": "HTTPSConnection",
    "xmlrpc.client": "ServerProxy",
    "sysconfig": "_init_posix",
    # Is in a library that models are made of.
    "numpy": "load save fromfile memmap genfromtxt loadtxt savetxt tofile vectorize frompyfunc "
    "apply_along_axis apply_over_axes piecewise fromfunction seterrcall set_printoptions "
    "setbufsize testing.run",
    "numpy._core": "_ufunc_reconstruct",
    "numpy.core": "_ufunc_reconstruct",
    "numpy.f2py.crackfortran": "getlincoef param_eval myeval",
    "numpy.f2py.capi_maps": "load_f2cmap_file",
    "numpy.testing._private.utils": "runstring rundocs",
    "numpy.ctypeslib": "load_library",
    "numpy.lib._npyio_impl": "load os.system",
    "numpy.lib._datasource": "DataSource",
    "numpy.distutils.exec_command": "exec_command",
    "scipy.io": "loadmat",
    "scipy.stats._distn_infrastructure": "rv_discrete",
    "scipy.optimize": "minimize",
    "scipy.integrate": "quad",
    "sklearn.datasets._openml": "fetch_openml",
    "sklearn.datasets._base": "load_files load_sample_image",
    "sklearn.base": "clone np.load",
    "sklearn.utils._available_if": "MethodType",
    "sklearn.utils._bunch": "os.system",
    "sklearn.callback._transport": "Client",
    "sklearn._config": "set_config",
    "sklearn.metrics.pairwise": "partial",
    "sklearn.metrics._scorer": "_cached_call check_scoring get_scorer",
    "sklearn.externals._arff": "load",
    "sklearn.tree._export": "export_graphviz",
    "xgboost.core": "_deprecate_positional_args ctypes.CDLL",
    "xgboost.collective": "init",
    "xgboost.config": "set_config",
    "lightgbm.basic": "Dataset _load_lib",
    "lightgbm.engine": "train",
    "catboost.core": "Pool cv",
    "catboost.utils": "create_cd",
    "__main__": "MyTransformer",
    "my_company.models": "Secret",
}
GADGETS = [(module, name) for module, names in BY_MODULE.items() for name in names.split()]


def _text(value: str) -> bytes:
    data = value.encode()
    return b"\x8c" + bytes([len(data)]) + data


# Techniques to call a function, from the opcodes of CPython's pickletools.
CALLS: dict[str, Callable[[str, str], bytes]] = {
    "reduce-0": lambda module, name: named(module, name) + b"(S'true'\ntR.",
    "reduce-2": lambda module, name: b"\x80\x02" + named(module, name) + pushed(("true",)) + b"R.",
    "stack-global": lambda module, name: (
        b"\x80\x04" + _text(module) + _text(name) + b"\x93" + _text("true") + b"\x85R."
    ),
    "memo-global": lambda module, name: (
        b"\x80\x04" + _text(name) + b"\x940" + _text(module) + b"\x940h\x01h\x00\x93)R."
    ),
    "inst": lambda module, name: b"(S'true'\ni" + f"{module}\n{name}\n.".encode(),
    "obj": lambda module, name: b"(" + named(module, name) + b"S'true'\no.",
    "newobj": lambda module, name: b"\x80\x02" + named(module, name) + pushed(("true",)) + b"\x81.",
    "newobj-ex": lambda module, name: b"\x80\x04" + named(module, name) + b")}\x92.",
    "held": lambda module, name: (
        b"\x80\x02"
        + named("sklearn.preprocessing._function_transformer", "FunctionTransformer")
        + b")\x81}X\x04\x00\x00\x00func"
        + named(module, name)
        + b"sb."
    ),
}
