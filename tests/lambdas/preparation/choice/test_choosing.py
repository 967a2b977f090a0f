"""Which environment an upload gets, and what the refusal says when there is none."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from environments.environment import DEFAULT, Environment
from preparation.choice import from_upload, holdings
from preparation.choice.choosing import Choice, choose
from preparation.stated.stated import Stated
from serving.errors import UploadRejected
from serving.records import codec

SKLEARN = ("sklearn", "numpy", "joblib")
Make = Callable[..., Environment]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Return a function that makes an environment's folder."""

    def made(name: str, *modules: str, **packages: str) -> Environment:
        site = tmp_path / name / "lib" / "python3.11" / "site-packages"
        for module in (*SKLEARN, *modules):
            (site / module).mkdir(parents=True)
        found = {name.replace("_", "-"): version for name, version in packages.items()}
        return Environment(name, tmp_path / name / "bin" / "python", "3.11.2", found)

    return made


@pytest.fixture
def there(make: Make, monkeypatch: pytest.MonkeyPatch) -> list[Environment]:
    own = make("own", "xgboost", "lightgbm", scikit_learn="1.9.1", xgboost_cpu="3.2.0")
    environments = [
        Environment(DEFAULT, own.python, own.python_version, own.packages),
        make("extras", "imblearn", scikit_learn="1.7.2", imbalanced_learn="0.14.0", more="1"),
        make("sklearn-1.5", "xgboost", scikit_learn="1.5.2", xgboost="2.1.4"),
        make("sklearn-1.7", "xgboost", scikit_learn="1.7.2", xgboost="3.0.2"),
    ]
    folders = holdings._folders

    def of(environment: Environment) -> tuple[Path, ...]:
        return folders(own if environment.name == DEFAULT else environment)

    monkeypatch.setattr(holdings, "_folders", of)
    return environments


def of(modules: tuple[str, ...] = ("sklearn",), **versions: str) -> Stated:
    found: dict[str, tuple[str, ...]] = {
        name.replace("_", "-"): (version,) for name, version in versions.items()
    }
    return Stated(versions=found, modules=modules)


@pytest.mark.parametrize(
    ("stated", "name", "reason"),
    [
        (Stated(), DEFAULT, "It states no version of a library."),
        (of(scikit_learn="1.9.0"), DEFAULT, "saved with scikit-learn 1.9.0, and this .* has 1.9.1"),
        (of(scikit_learn="1.5.0"), "sklearn-1.5", "scikit-learn 1.5.0, and this .* has 1.5.2"),
        (of(scikit_learn="1.7.2"), "sklearn-1.7", "scikit-learn 1.7.2"),
        (
            of(("sklearn", "imblearn"), scikit_learn="1.7.1"),
            "extras",
            "scikit-learn 1.7.1, and this environment has 1.7.2; it needs imblearn",
        ),
        (of(("imblearn",)), "extras", "It needs imblearn"),
        (of(("xgboost",), xgboost="1.7.6"), DEFAULT, "XGBoost 1.7.6, and .* loads that with 3.2.0"),
        (
            of(("sklearn", "xgboost"), scikit_learn="1.5.2", xgboost="1.6.2"),
            "sklearn-1.5",
            "has 1.5.2; it was saved with XGBoost 1.6.2, and this environment loads that with 2.1",
        ),
        # A module of the uploader's own is nowhere, and so no reason against any environment.
        (of(("sklearn", "churn_model"), scikit_learn="1.5.2"), "sklearn-1.5", "1.5.2"),
        # An encoder of labels is all that LightGBM keeps of scikit-learn.
        (
            Stated(helper_versions=("1.2.2",), modules=("lightgbm", "sklearn")),
            DEFAULT,
            "no version",
        ),
        (
            Stated(beside={"scikit-learn": "1.5.1"}, beside_in="MLmodel", modules=("sklearn",)),
            "sklearn-1.5",
            r"scikit-learn 1.5.1 \(MLmodel\)",
        ),
        # What a file beside the model says of a library that the model doesn't name is nothing.
        (Stated(beside={"scikit-learn": "1.5.1"}, modules=("xgboost",)), DEFAULT, "no version"),
    ],
)
def test_the_environment_that_saved_it_is_chosen(
    there: list[Environment], stated: Stated, name: str, reason: str
) -> None:
    choice = choose(stated, there)
    assert choice.environment.name == name
    assert re.search(reason, choice.reason), choice.reason


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        (of(scikit_learn="1.2.2"), "scikit-learn 1.2.2"),
        (of(scikit_learn="1.10.0"), "scikit-learn 1.10.0"),
        (of(scikit_learn="0.24.2"), "scikit-learn 0.24.2"),
        (of(("xgboost",), xgboost="3.3.0"), "XGBoost 3.3.0"),
        (
            of(("sklearn", "xgboost"), scikit_learn="1.5.2", xgboost="3.1.0"),
            "scikit-learn 1.5.2 and XGBoost 3.1.0",
        ),
        (of(("sklearn", "imblearn"), scikit_learn="1.5.2"), "scikit-learn 1.5.2, with imblearn"),
    ],
)
def test_where_none_suits_the_refusal_names_what_was_found_and_what_there_is(
    there: list[Environment], stated: Stated, told: str
) -> None:
    with pytest.raises(UploadRejected) as refused:
        choose(stated, there)
    assert refused.value.rejection_code == "VERSION_SKEW"
    text = str(refused.value)
    assert f"It was saved with {told}, and no environment here loads that." in text
    assert ("docs/environments.md" in text) == ("0.24" not in told)
    for each in there:
        assert each.name in text


def test_parts_of_several_versions_are_told(there: list[Environment]) -> None:
    stated = Stated(versions={"scikit-learn": ("1.7.2", "1.5.1")}, modules=("sklearn",))
    with pytest.raises(UploadRejected, match=r"scikit-learn 1\.5\.1, 1\.7\.2, and no environment"):
        choose(stated, there)
    patches = Stated(versions={"scikit-learn": ("1.7.2", "1.7.0")}, modules=("sklearn",))
    assert choose(patches, there).environment.name == "sklearn-1.7"


def test_the_one_that_model_json_names_counts(there: list[Environment]) -> None:
    choice = choose(of(scikit_learn="1.7.2"), there, "extras")
    assert (choice.environment.name, choice.reason) == ("extras", "model.json names it.")
    with pytest.raises(UploadRejected, match=r"names the environment 'mine'.*There are default"):
        choose(Stated(), there, "mine")


def test_a_library_that_none_has_is_missing_and_a_module_of_ones_own_is_not(
    there: list[Environment],
) -> None:
    def asked(*untrusted: str) -> UploadRejected:
        modules = tuple({name.partition(".")[0] for name in untrusted})
        stated = Stated(modules=modules, untrusted=untrusted)
        told = {"code": "UNSAFE_PICKLE", "reason": "Loading it would use …"}
        report = {"stated": codec.encode(stated), "rejected": told}
        with pytest.raises(UploadRejected) as refused:
            from_upload.chosen(lambda _: report, there, "", is_scanned=True)
        return refused.value

    missing = asked("category_encoders.ordinal.OrdinalEncoder")
    assert missing.rejection_code == "MISSING_LIBRARY"
    assert "category-encoders" in str(missing)
    assert asked("my_models.Encoder").rejection_code == "UNSAFE_PICKLE"
    assert asked("torch.load", "posix.system").rejection_code == "UNSAFE_PICKLE"


def test_a_refusal_by_a_version_that_a_library_promised_says_so(there: list[Environment]) -> None:
    choice = choose(of(("xgboost",), xgboost="1.3.3"), there)
    error = choice.explained(UploadRejected("UNSAFE_PICKLE", "it sets what isn't known"))
    assert error.rejection_code == "VERSION_SKEW"
    assert "XGBoost 1.3.3" in str(error)
    assert "save_model" in str(error)
    other = UploadRejected("OUT_OF_MEMORY", "too large")
    assert choice.explained(other) is other
    same = Choice(there[0], "")
    assert same.explained(error) is error


def test_modules_of_an_environment_are_found_without_importing(make: Make) -> None:
    environment = make("mine", "imblearn")
    site = environment.python.parents[1] / "lib/python3.11/site-packages"
    (site / "single.py").touch()
    (site / "compiled.cpython-311-x86_64-linux-gnu.so").touch()
    (site / "notes.txt").touch()
    asked = ["imblearn", "single", "compiled", "notes", "json", "torch"]
    assert holdings.lacks(environment, asked) == ["notes", "torch"]
