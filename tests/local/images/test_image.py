from importlib.metadata import version
from pathlib import Path

import pytest

from local.assembly.resources.package import ImagePackage
from local.errors import AssemblyError
from local.images.image import Image
from local.images.image_builder import build_image
from local.images.requirements import check_requirements


@pytest.fixture
def context(tmp_path: Path) -> Path:
    folder = tmp_path / "context"
    (folder / "lambdas" / "core").mkdir(parents=True)
    (folder / "lambdas" / "core" / "app.py").write_text("x = 1\n")
    (folder / "reqs.txt").write_text(f"aiohttp=={version('aiohttp')}\n# a remark\n\n")
    return folder


def _build(context: Path, dockerfile: str, target: str | None = None, **arguments: str) -> Image:
    (context / "Dockerfile").write_text(dockerfile)
    package = ImagePackage("digest", context, "Dockerfile", target, arguments)
    return build_image(package, "Stack/Function", context.parent / "images")


def test_lays_out_the_target_stage(context: Path) -> None:
    image = _build(
        context,
        """
        ARG BASE=public.ecr.aws/lambda/python:3.13
        FROM ${BASE} AS common
        ENV A=1 B="two words"
        COPY reqs.txt /opt/reqs.txt
        RUN pip install --no-cache-dir --requirement /opt/reqs.txt
        FROM common AS lambda
        ARG FLAVOUR=plain
        ENV FLAVOUR=${FLAVOUR} ROOT=${LAMBDA_TASK_ROOT}/x
        COPY lambdas/ ${LAMBDA_TASK_ROOT}/
        WORKDIR sub
        COPY reqs.txt .
        CMD ["core.app.handler"]
        FROM lambda AS other
        CMD ["other"]
        """,
        target="lambda",
        FLAVOUR="rich",
    )
    assert (image.task_root / "core" / "app.py").read_text() == "x = 1\n"
    assert (image.root / "opt" / "reqs.txt").is_file()
    assert (image.task_root / "sub" / "reqs.txt").is_file()
    assert image.command == ["core.app.handler"]
    expected = {"A": "1", "B": "two words", "FLAVOUR": "rich", "ROOT": "/var/task/x"}
    assert expected.items() <= image.environment.items()
    assert image.base == "public.ecr.aws/lambda/python:3.13"


def test_without_a_target_the_last_stage_is_built(context: Path) -> None:
    image = _build(context, 'FROM a AS one\nCMD ["one"]\nFROM b\nCMD ["two"]\n')
    assert image.command == ["two"]


def test_an_earlier_layout_leaves_nothing_behind(context: Path) -> None:
    first = _build(context, "FROM a\nCOPY lambdas/ /var/task/\n")
    (first.task_root / "stale.py").touch()
    second = _build(context, "FROM a\nCOPY lambdas/ /var/task/\n")
    assert not (second.task_root / "stale.py").exists()


@pytest.mark.parametrize(
    ("dockerfile", "message"),
    [
        ("FROM a\nCOPY missing.txt /x\n", "COPY missing.txt: not in the staged asset"),
        ("FROM a\nCOPY --from=b /x /x\n", "COPY --from"),
        ("FROM a\nADD http://x /x\n", "ADD can't be interpreted"),
        ("FROM a\nCMD python app.py\n", "exec form"),
        ("FROM a\nRUN pip install -r gone.txt\n", "gone.txt is not in the image"),
        ("FROM a\nCOPY reqs.txt ../../x\n", "leaves the image"),
        ("# nothing\n", "no FROM"),
    ],
)
def test_what_cannot_be_interpreted_is_an_error(
    context: Path, dockerfile: str, message: str
) -> None:
    with pytest.raises(AssemblyError) as error:
        _build(context, dockerfile)
    assert message in str(error.value)
    assert "Stack/Function: Dockerfile" in str(error.value)


def test_an_unknown_target_names_the_stages(context: Path) -> None:
    with pytest.raises(AssemblyError, match=r"no stage nope \(there are one\)"):
        _build(context, "FROM a AS one\n", target="nope")


def test_requirements_are_held_against_this_interpreter() -> None:
    installed = version("aiohttp")
    check_requirements(f"aiohttp=={installed}\nabsent==1; python_version < '3'\n", "r.txt")
    with pytest.raises(AssemblyError) as error:
        check_requirements("aiohttp==0.1\nno-such-package==1\n", "r.txt")
    assert f"aiohttp==0.1 is wanted, {installed} is installed" in str(error.value)
    assert "no-such-package==1 is missing" in str(error.value)
    with pytest.raises(AssemblyError, match="can't be checked"):
        check_requirements("-r other.txt\n", "r.txt")
