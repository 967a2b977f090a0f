"""The staged assets of the assembly, found by their names in the templates."""

from pathlib import Path

from local.assembly.resources.package import ImagePackage, ZipPackage
from local.errors import AssemblyError
from local.json_types import Json


class Assets:
    """File assets by object key and image assets by tag, as the asset manifests publish them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, Json] = {}
        self._images: dict[str, Json] = {}

    def add(self, manifest: Json) -> None:
        """Adds the content of an `<Stack>.assets.json`."""
        for asset in manifest.get("files", {}).values():
            for destination in asset["destinations"].values():
                self._files[destination["objectKey"]] = asset["source"]
        for asset in manifest.get("dockerImages", {}).values():
            for destination in asset["destinations"].values():
                self._images[destination["imageTag"]] = asset["source"]

    def zip_package(self, where: str, object_key: str) -> ZipPackage:
        """Returns the folder that is published as this object."""
        source = self._files.get(object_key)
        if source is None or source["packaging"] != "zip":
            raise AssemblyError(f"{where}: no asset manifest publishes its code {object_key}")
        return ZipPackage(self._existing(where, source["path"]))

    def has_image(self, image_uri: str) -> bool:
        """Checks whether an asset manifest publishes this image."""
        return image_uri.rsplit(":", 1)[-1] in self._images

    def image_package(self, where: str, image_uri: str) -> ImagePackage:
        """Returns the build that is published under this image's tag."""
        tag = image_uri.rsplit(":", 1)[-1]
        source = self._images.get(tag)
        if source is None:
            raise AssemblyError(f"{where}: no asset manifest publishes its image {image_uri}")
        return ImagePackage(
            digest=tag,
            context=self._existing(where, source["directory"]),
            dockerfile=source.get("dockerFile", "Dockerfile"),
            target=source.get("dockerBuildTarget"),
            build_args=source.get("dockerBuildArgs", {}),
        )

    def _existing(self, where: str, path: str) -> Path:
        folder = (self._folder / path).resolve()
        if not folder.is_dir():
            raise AssemblyError(f"{where}: its staged asset {folder} is missing: synthesize again")
        return folder
