"""A version that can answer, and the forms in which it is loaded."""

from typing import NamedTuple

from environments.installed import interpreter
from modelmount_compiler.signature import Method
from serving.records.manifest import Manifest
from serving.repository.model_folder import PublishedVersion
from serving.service.loading import Form, estimate
from serving.service.version_id import VersionId


class FormId(NamedTuple):
    """One form of a version, which is loaded by itself: a key of the cache."""

    version: VersionId
    form: Form


class ServableVersion:
    """A version that can answer.

    Attributes:
        published: the version as the repository has it.
        id: its identity.
        preferred: the form that answers most calls.
        estimates: each form, and the bytes that it will take.
    """

    def __init__(self, published: PublishedVersion) -> None:
        self.published = published
        manifest, description = published.manifest, published.manifest.description
        self.id = VersionId.of(manifest)
        compilation = description.compilation
        is_compiled = compilation is not None and compilation.file is not None
        self._original = FormId(self.id, "original")
        self.preferred = FormId(self.id, "compiled") if is_compiled else self._original
        forms = (self.preferred, self._original)
        self.estimates = {form: estimate(description, form.form) for form in forms}
        proofs = compilation.methods if compilation is not None else ()
        self._proofs = {proof.method: proof for proof in proofs}

    @property
    def manifest(self) -> Manifest:
        """The version's record."""
        return self.published.manifest

    @property
    def is_wholly_compiled(self) -> bool:
        """Whether the compiled form answers every call, so that no worker is asked."""
        methods = self.manifest.description.signature.methods
        proofs = [self._proofs.get(method) for method in methods]
        return all(p is not None and p.covers(1) and p.max_rows is None for p in proofs)

    @property
    def _has_environment(self) -> bool:
        return interpreter(self.manifest.description.environment) is not None

    def form_for(self, method: Method, rows: int) -> FormId:
        """Return the form for a call: the compiled one where it was proven, and is faster.

        Where the original's environment isn't installed any more, being proven suffices.
        """
        proof = self._proofs.get(method)
        if proof is not None and proof.covers(rows):
            return self.preferred
        if proof is not None and proof.reason is None and not self._has_environment:
            return self.preferred
        is_offered = method in self.published.manifest.description.signature.methods
        return self._original if is_offered else self.preferred  # either one refuses the method
