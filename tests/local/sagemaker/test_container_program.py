"""What is started for a variant, and what is said when it can't be."""

import sys
from pathlib import Path

import pytest

from local.assembly.resources.package import ImagePackage
from local.assembly.resources.sagemaker_endpoint import Variant
from local.sagemaker.container_program import ContainerPrograms, VariantUnavailable
from local.state_folder import StateFolder

DOCKERFILE = """
FROM public.ecr.aws/lambda/python:3.13 AS sagemaker
ENV MODELS=/opt/ml/model CODE=/var/task
ENTRYPOINT ["python", "-m", "server"]
CMD ["ignored"]
"""


def variant(image: ImagePackage | str) -> Variant:
    return Variant("Stack/Config v", "e", "v", 1, image, "s3://m/m.tar.gz", True, {"OWN": "yes"})


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    return StateFolder(tmp_path / "state")


def own_image(folder: Path) -> ImagePackage:
    (folder / "Dockerfile").write_text(DOCKERFILE)
    return ImagePackage("image", folder, "Dockerfile", "sagemaker", {})


def test_our_own_image_is_started_as_sagemaker_does(tmp_path: Path, state: StateFolder) -> None:
    base = tmp_path / "base"

    found = ContainerPrograms(state, None).find(variant(own_image(tmp_path)), base)

    assert found.command == [sys.executable, "-m", "server", "serve"]
    assert found.folder == state.images / "image/var/task"
    assert found.environment["MODELS"] == str(base / "model")
    assert found.environment["CODE"] == str(state.images / "image/var/task")
    assert found.environment["SAGEMAKER_BASE_DIR"] == str(base)
    assert found.environment["MODELMOUNT_HOST"] == "127.0.0.1"
    assert found.environment["OWN"] == "yes"
    assert "AWS_ACCESS_KEY_ID" not in found.environment


def test_an_image_is_laid_out_once_for_all_its_variants(tmp_path: Path, state: StateFolder) -> None:
    programs, image = ContainerPrograms(state, None), own_image(tmp_path)
    first = programs.find(variant(image), tmp_path / "first")
    (first.folder / "kept.py").touch()

    second = programs.find(variant(image), tmp_path / "second")

    assert (second.folder / "kept.py").exists()


def test_a_command_stands_in_for_all_images(tmp_path: Path, state: StateFolder) -> None:
    found = ContainerPrograms(state, "python 'my server.py' serve").find(
        variant("elsewhere/vgg:1"), tmp_path
    )

    assert found.command == [sys.executable, "my server.py", "serve"]


def test_an_image_of_others_needs_a_stand_in(tmp_path: Path, state: StateFolder) -> None:
    with pytest.raises(
        VariantUnavailable, match=r"elsewhere/vgg:1 can't be run without Docker.*--sagemaker"
    ):
        ContainerPrograms(state, None).find(variant("elsewhere/vgg:1"), tmp_path)


def test_a_target_that_is_not_there_is_named(tmp_path: Path, state: StateFolder) -> None:
    image = own_image(tmp_path)
    wrong = ImagePackage(image.digest, image.context, image.dockerfile, "other", {})
    with pytest.raises(VariantUnavailable, match="there is no stage other"):
        ContainerPrograms(state, None).find(variant(wrong), tmp_path)
