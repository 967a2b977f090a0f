"""What a fitted estimator learned about each column of its input: where to look for mistakes.

Landmarks are hints for probes, so a wrong one costs a probe and no more. Hence the search goes by
the names that scikit-learn's attributes have, through whatever holds other estimators.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from modelmount_compiler.verify.probes.column_origins import Lens, Lenses, Vector, after
from modelmount_compiler.verify.probes.decision_paths import Branches, branches
from modelmount_compiler.verify.probes.nested_estimators import PREPROCESSOR, inside

MOST_VALUES = 2048  # of one attribute or tree
MOST_PARTS = 64  # of one ensemble

# Arrays of shape (columns,) or (m, columns) in the units of the input.
LOCATIONS = (
    *("mean_", "center_", "data_min_", "data_max_", "statistics_", "quantiles_", "location_"),
    *("cluster_centers_", "subcluster_centers_", "centroids_", "theta_", "means_"),
    *("support_vectors_", "_fit_X", "X_fit_", "X_train_"),
)
# Lists of arrays, or one array, with the values at which each column goes over to another piece.
EDGES = ("bin_edges_", "X_thresholds_")


class Landmarks:
    """Walks an estimator and collects.

    Args:
        rows: of the uploader's examples, which tell what is typical where the model doesn't.

    Attributes:
        numbers: by column of the input, values at which something changes, or that are typical.
        categories: by column, known values.
        words: by column, the vocabulary.
        trees: some of the trees, for probes that reach given nodes.
        examples: rows of the input that it remembers, each of shape (m, columns).
    """

    def __init__(
        self,
        estimator: object,
        columns: int,
        rng: np.random.Generator,
        rows: Sequence[Sequence[Any]] = (),
    ) -> None:
        self.columns = columns
        self._rng = rng
        self._found: dict[int, list[Vector]] = {}
        self.categories: dict[int, list[Any]] = {}
        self.words: dict[int, list[str]] = {}
        self.trees: list[tuple[Branches, Lenses]] = []
        self.examples: list[Vector] = []
        self._visit(estimator, [Lens(i) for i in range(columns)])
        for row in rows:
            self._see(row)
        self.numbers = {i: np.unique(np.concatenate(v)) for i, v in self._found.items()}

    def _visit(self, part: Any, lenses: Lenses) -> Lenses:  # noqa: ANN401 (anything with attributes)
        """Collect what a part learned; return how its output's columns follow, if that is known."""
        name = type(part).__name__
        if name == "Pipeline":
            for _, step in part.steps:
                lenses = lenses if step in (None, "passthrough") else self._visit(step, lenses)
            return lenses
        if name == "FeatureUnion":
            return [lens for _, p in part.transformer_list for lens in self._visit(p, lenses)]
        if name == "ColumnTransformer":
            return self._visit_columns(part, lenses)
        before = getattr(part, PREPROCESSOR, None)
        if before is not None:
            lenses = self._visit(before, lenses)
        self._learned(part, lenses)
        for inner, chosen in inside(part, MOST_PARTS, self._rng):
            known = [lenses[i] for i in chosen] if chosen is not None else lenses
            width = getattr(inner, "n_features_in_", len(known))
            self._visit(inner, known if width == len(known) else ())
        return after(part, lenses)

    def _visit_columns(self, part: Any, lenses: Lenses) -> Lenses:  # noqa: ANN401 (a ColumnTransformer)
        columns = getattr(part, "_transformer_to_input_indices", {})
        outputs: list[Lens | None] = []
        for name, transformer, _ in part.transformers_:
            known = [lenses[i] for i in columns.get(name, ()) if i < len(lenses)]
            is_kept = isinstance(transformer, str)
            after = known if is_kept else self._visit(transformer, known)
            place = part.output_indices_.get(name, slice(0, 0))
            width = place.stop - place.start
            outputs += after if len(after) == width else [None] * width
        return outputs

    def _learned(self, part: Any, lenses: Lenses) -> None:  # noqa: ANN401 (as above)
        vocabulary = getattr(part, "vocabulary_", None)
        if isinstance(vocabulary, dict) and lenses and lenses[0]:
            self.words.setdefault(lenses[0].source, []).extend(map(str, vocabulary))
        for lens, known in zip(lenses, getattr(part, "categories_", ()), strict=False):
            if lens:
                found = self.categories.setdefault(lens.source, [])
                found.extend(np.asarray(known, dtype=object)[:MOST_VALUES].tolist())
        for lens, count in zip(lenses, getattr(part, "n_categories_", ()), strict=False):
            if lens:  # naive Bayes of categories, which are numbered
                self.categories.setdefault(lens.source, []).extend(range(int(count)))
        for tree in branches(part):
            self._splits(tree, lenses)
        for name in EDGES:
            edges = getattr(part, name, ())
            one = isinstance(edges, np.ndarray) and edges.dtype != object
            for lens, values in zip(lenses, [edges] if one else edges, strict=False):
                self._add(lens, values)
        for lens, spline in zip(lenses, getattr(part, "bsplines_", ()), strict=False):
            self._add(lens, spline.t)
        self._locations(part, lenses)

    def _splits(self, tree: Branches, lenses: Lenses) -> None:
        self.trees.append((tree, lenses))
        splits = tree.is_split.nonzero()[0]
        if len(splits) > MOST_VALUES:
            splits = self._rng.choice(splits, MOST_VALUES, replace=False)
        features, thresholds = tree.feature[splits], tree.threshold[splits]
        for i in np.unique(features):
            self._add(lenses[i] if i < len(lenses) else None, thresholds[features == i])

    def _see(self, row: Sequence[Any]) -> None:
        for i, value in enumerate(row[: self.columns]):
            if isinstance(value, str):
                known = self.categories.setdefault(i, [])
                known += [value] if value not in known else []
            elif isinstance(value, int | float) and not isinstance(value, bool):
                self._add(Lens(i), [value])

    def _locations(self, part: Any, lenses: Lenses) -> None:  # noqa: ANN401 (as above)
        for name in LOCATIONS:
            values = getattr(part, name, None)
            if not isinstance(values, np.ndarray) or values.dtype.kind not in "fiu":
                continue
            if values.ndim not in (1, 2) or not lenses or values.shape[-1] != len(lenses):
                continue
            table = np.atleast_2d(values)[:MOST_VALUES].astype(np.float64)
            for lens, column in zip(lenses, table.T, strict=True):
                self._add(lens, column)
            if values.ndim == 2 and all(lenses) and len(lenses) == self.columns:
                whole = [lens.back(c) for lens, c in zip(lenses, table.T, strict=True) if lens]
                self.examples.append(np.stack(whole, axis=1))
        scale = getattr(part, "scale_", None)
        if type(part).__name__ == "StandardScaler" and scale is not None and len(lenses):
            mean = np.zeros(len(lenses)) if part.mean_ is None else part.mean_
            for i, lens in enumerate(lenses):
                self._add(lens, mean[i] + scale[i] * np.array([-3.0, -1.0, 1.0, 3.0]))

    def _add(self, lens: Lens | None, values: Any) -> None:  # noqa: ANN401 (an array of numbers)
        numbers = np.asarray(values, dtype=np.float64).ravel()
        if lens is None or not len(numbers):
            return
        if len(numbers) > MOST_VALUES:
            numbers = self._rng.choice(numbers, MOST_VALUES, replace=False)
        with np.errstate(all="ignore"):
            found = lens.back(numbers)
        self._found.setdefault(lens.source, []).append(found[np.isfinite(found)])
