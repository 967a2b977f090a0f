"""The list of globals that a pickled model may name: data types, estimators and few functions.

A pickle can call whatever it names, with any arguments. Classes of the libraries are therefore
accepted by their module, since their names start with a capital. Functions are accepted only when
they are listed here.
"""

import io
import re

from picklescan.scanner import (  # type: ignore[import-untyped] # it has no type hints
    SafetyLevel,
    scan_pickle_bytes,
)

_BUILTINS = (
    "bool|bytearray|bytes|complex|dict|float|frozenset|int|list|object|range|set|slice|str|tuple"
)
_NUMPY_TYPES = (
    r"dtype|ndarray|matrix|u?int(8|16|32|64)|u?intc|u?longlong|float(16|32|64)|longdouble|"
    r"complex(64|128)|bool_?|str_|bytes_|object_|void|datetime64|timedelta64|generic|number|"
    r"integer|floating|inexact"
)
_NUMPY_FUNCTIONS = (
    r"absolute|add|amax|amin|arc(cos|sin|tan)h?|asarray|average|cbrt|ceil|clip|cosh?|deg2rad|"
    r"degrees|divide|equal|exp(2|m1)?|fabs|floor|floor_divide|fmod|greater|isfinite|isinf|isnan|"
    r"less|log(2|10|1p)?|logical_(and|not|or|xor)|max|maximum|mean|median|min|minimum|mod|"
    r"multiply|nan_to_num|negative|positive|power|prod|rad2deg|radians|ravel|reciprocal|"
    r"remainder|reshape|rint|round|sign|sinh?|sqrt|square|squeeze|std|subtract|sum|tanh?|"
    r"transpose|true_divide|trunc|var"
)
_PANDAS = (
    r"(Categorical|Datetime|Interval|Multi|Period|Range|Timedelta)?Index|\w+Dtype|Categorical|"
    r"DataFrame|Interval|NaT|Period|Series|Timedelta|Timestamp|get_dummies|isna|notna|to_numeric"
)
_SCALING = (
    "add_dummy_feature|binarize|maxabs_scale|minmax_scale|normalize|power_transform|"
    "quantile_transform|robust_scale|scale"
)
_SCORING = r"chi2|[a-z]\w*_(classif|deviance|distances|error|kernel|loss|regression|score)"
_SPECIAL = r"boxcox(1p)?|erfc?|expit|inv_boxcox(1p)?|log_expit|logit|xlog1py|xlogy"
# Not the classes that these modules import from elsewhere.
_CLASS = r"_*(?!(ABC\w*|Enum|NamedTuple|Parallel|StringIO)\b)[A-Z]\w*"
_CYTHON = r"__pyx_unpickle_\w+|newObj"
# These modules hold files, sockets, threads and test tools. `utils` re-exports much of that.
_NO_MODELS = r"callback|conftest|datasets|experimental|externals|tests|utils"
# Not scipy.stats, whose distributions exec a text of their state when they are unpickled.
_TRUSTED = (
    ("builtins", _BUILTINS),
    ("_codecs", "encode"),
    ("copyreg", "_reconstructor"),
    ("collections", "Counter|OrderedDict|defaultdict|deque"),
    ("functools", "partial"),
    ("datetime", "date|datetime|time|timedelta|timezone"),
    ("decimal", "Decimal"),
    (r"joblib\.numpy_pickle", "NumpyArrayWrapper"),
    ("numpy", f"{_NUMPY_TYPES}|{_NUMPY_FUNCTIONS}"),
    (r"numpy\._?core\.multiarray", "_reconstruct|scalar"),
    (r"numpy\._?core\.numeric", "_frombuffer"),
    (r"numpy\.ma(\.core)?", "MaskedArray|MaskedConstant|_mareconstruct"),
    (r"numpy\.random\._pickle", r"__(randomstate|generator|bit_generator)_ctor"),
    (r"numpy\.random\._(mt19937|pcg64|philox|sfc64)", r"MT19937|PCG64(DXSM)?|Philox|SFC64"),
    (r"numpy\.random\.bit_generator", r"SeedSequence|__pyx_unpickle_SeedSequence"),
    (r"scipy\._lib\.array_api_compat\.numpy\._aliases", "asarray"),
    (r"scipy\.interpolate\._\w+", r"\w*Spline|BPoly|PPoly|\w*Interpolator\w*|interp1d"),
    (r"scipy\.sparse\._\w+", "(bsr|coo|csc|csr|dia|dok|lil)_(array|matrix)"),
    (r"scipy\.spatial\._(ck|k)dtree", "c?KDTree|cKDTreeNode"),
    (r"scipy\.special(\._ufuncs|\._special_ufuncs)?", _SPECIAL),
    (rf"sklearn(\.(?!({_NO_MODELS})\b)\w+)*", f"{_CLASS}|{_CYTHON}"),
    (r"sklearn\.compose\._column_transformer", "make_column_selector"),
    (r"sklearn\.cluster\._kmeans", "_kmeans_single_(elkan|lloyd)"),
    (r"sklearn\.(feature_selection|metrics)(\.\w+)*", _SCORING),
    (r"sklearn\.preprocessing\.\w+", _SCALING),
    (r"sklearn\.utils\._bunch", "Bunch"),
    (r"sklearn\.utils\._metadata_requests", r"Met\w+(Request|Router|Mapping)|RouterMappingPair"),
    (r"sklearn\.utils\.validation", "check_array"),
    ("pandas", _PANDAS),
    (r"pandas\.arrays", r"\w+Array"),
    (r"pandas\.core\.(arrays(\.\w+)+|dtypes\.dtypes|indexes\.\w+)", rf"{_CLASS}|_new_\w*Index"),
    (r"pandas\.core\.internals\.(blocks|managers)", r"\w*Block(Manager)?|_unpickle_\w+"),
    (r"pandas\.core\.(frame|series)", "DataFrame|Series"),
    (r"pandas\._libs\.(arrays|internals|interval|missing)", rf"{_CLASS}|{_CYTHON}|_unpickle_\w+"),
    (r"pandas\._libs\.tslibs\.\w+", r"BaseOffset|Period|Time\w+|NaTType|_\w*unpickle\w*"),
    (r"xgboost\.(core|sklearn)", r"Booster|XGB\w+"),
    (r"xgboost\.callback", "EarlyStopping"),
    (r"lightgbm\.(basic|sklearn)", r"Booster|LGBM\w+"),
    (r"catboost\.core", r"CatBoost\w*"),
)
_PATTERN = re.compile("|".join(f"(?:{module}) (?:{name})" for module, name in _TRUSTED))
# It is on picklescan's list, but harmless here, where its function must be trusted as well.
# Histogram boosting on a frame with categories holds one.
_EXEMPT = ("functools", "partial")


def is_trusted(module: str, name: str) -> bool:
    """Whether a pickle may name this global: it is listed here, and picklescan allows it."""
    if not _PATTERN.fullmatch(f"{module} {name}"):
        return False
    if (module, name) == _EXEMPT:
        return True
    naming = io.BytesIO(f"c{module}\n{name}\n.".encode())
    found = scan_pickle_bytes(naming, f"{module}.{name}").globals
    return [each.safety is SafetyLevel.Dangerous for each in found] == [False]
