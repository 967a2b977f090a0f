"""Collects the values at which a fitted estimator changes its behaviour, by input column.

The values guide the sampling of probes, so a wrong one costs a probe and nothing more. The search
therefore goes by the attribute names of scikit-learn, through estimators that hold others.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from modelmount_compiler.frameworks import third_party
from modelmount_compiler.frameworks.third_party import Facts
from modelmount_compiler.verify.probes import boosters
from modelmount_compiler.verify.probes.column_origins import (
    ColumnOrigin,
    Origins,
    Vector,
    output_origins,
)
from modelmount_compiler.verify.probes.decision_paths import DecisionPaths, paths_of
from modelmount_compiler.verify.probes.learned_values import listed
from modelmount_compiler.verify.probes.nested_estimators import PREPROCESSOR, nested_estimators

MOST_VALUES = 2048  # of one attribute or tree
MOST_MEMBERS = 64  # of one ensemble

# Arrays of shape (columns,) or (m, columns), in the units of the columns.
LOCATIONS = (
    *("mean_", "center_", "data_min_", "data_max_", "statistics_", "quantiles_", "location_"),
    *("cluster_centers_", "subcluster_centers_", "centroids_", "theta_", "means_"),
    *("support_vectors_", "_fit_X", "X_fit_", "X_train_"),
)
# Lists of arrays, or one array, with the breakpoints of a piecewise function of each column.
BREAKPOINTS = ("bin_edges_", "X_thresholds_")


class CriticalValues:
    """Collects the critical values of an estimator and of all estimators inside it.

    Args:
        estimator: the fitted estimator.
        columns: number of columns of the input.
        rng: chooses among very many values.
        rows: rows of the uploader's examples, which show typical values.

    Attributes:
        numbers: by column, sorted thresholds, breakpoints and typical values.
        categories: by column, the fitted categories.
        vocabularies: by column, the words of a fitted vocabulary.
        trees: decision paths of trees, with the origins of the columns that they see.
        stored_rows: rows of the input that the estimator stores, each of shape (m, columns).
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
        self.vocabularies: dict[int, list[str]] = {}
        self.trees: list[tuple[DecisionPaths, Origins]] = []
        self.stored_rows: list[Vector] = []
        self._visit(estimator, [ColumnOrigin(i) for i in range(columns)])
        for row in rows:
            self._add_example(row)
        self.numbers = {i: np.unique(np.concatenate(v)) for i, v in self._found.items()}

    def _visit(self, estimator: Any, origins: Origins) -> Origins:
        """Collect from one estimator; return the origins of its output columns."""
        name = type(estimator).__name__
        if third_party.is_sampler(estimator):
            return origins
        if (facts := third_party.facts(estimator)) is not None:
            return self._add_table(facts, origins)
        if name == "Pipeline":
            for _, step in estimator.steps:
                origins = origins if step in (None, "passthrough") else self._visit(step, origins)
            return origins
        if name == "FeatureUnion":
            steps = [step for _, step in estimator.transformer_list]
            return [origin for step in steps for origin in self._visit(step, origins)]
        if name == "ColumnTransformer":
            return self._visit_columns(estimator, origins)
        preprocessor = getattr(estimator, PREPROCESSOR, None)
        if preprocessor is not None:
            origins = self._visit(preprocessor, origins)
        self._add_attributes(estimator, origins)
        for nested, chosen in nested_estimators(estimator, MOST_MEMBERS, self._rng):
            seen = [origins[i] for i in chosen] if chosen is not None else origins
            width = getattr(nested, "n_features_in_", len(seen))
            self._visit(nested, seen if width == len(seen) else ())
        return output_origins(estimator, origins)

    def _add_table(self, facts: Facts, origins: Origins) -> Origins:
        """Collect from a transformer of a table; return the origins of its output columns."""
        if len(origins) != len(facts.names):
            return ()
        for place, fitted in facts.learned.items():
            if origin := origins[place]:
                found = self.categories.setdefault(origin.column, [])
                found.extend(listed(fitted[:MOST_VALUES]))
        for place, edges in facts.numbers.items():
            self._add(origins[place], edges)
        for place, value in facts.filled.items():
            if isinstance(value, int | float):
                self._add(origins[place], [value])
        return [None if place is None else origins[place] for place in facts.given]

    def _visit_columns(self, transformer: Any, origins: Origins) -> Origins:  # a ColumnTransformer
        columns = getattr(transformer, "_transformer_to_input_indices", {})
        outputs: list[ColumnOrigin | None] = []
        for name, step, _ in transformer.transformers_:
            seen = [origins[i] for i in columns.get(name, ()) if i < len(origins)]
            is_kept = isinstance(step, str)
            found = seen if is_kept else self._visit(step, seen)
            position = transformer.output_indices_.get(name, slice(0, 0))
            width = position.stop - position.start
            outputs += found if len(found) == width else [None] * width
        return outputs

    def _add_attributes(self, estimator: Any, origins: Origins) -> None:
        self._add_categories(estimator, origins)
        for tree in (*paths_of(estimator), *boosters.paths_of(estimator)):
            self._add_thresholds(tree, origins)
        for name in BREAKPOINTS:
            found = getattr(estimator, name, ())
            is_one = isinstance(found, np.ndarray) and found.dtype != object
            for origin, values in zip(origins, [found] if is_one else found, strict=False):
                self._add(origin, values)
        for origin, spline in zip(origins, getattr(estimator, "bsplines_", ()), strict=False):
            self._add(origin, spline.t)
        self._add_locations(estimator, origins)
        self._add_deviations(estimator, origins)

    def _add_categories(self, estimator: Any, origins: Origins) -> None:
        vocabulary = getattr(estimator, "vocabulary_", None)
        if isinstance(vocabulary, dict) and origins and origins[0]:
            self.vocabularies.setdefault(origins[0].column, []).extend(map(str, vocabulary))
        for origin, fitted in zip(origins, getattr(estimator, "categories_", ()), strict=False):
            if origin:
                found = self.categories.setdefault(origin.column, [])
                found.extend(listed(fitted[:MOST_VALUES]))
        for place, fitted in boosters.categories_of(estimator).items():
            if place < len(origins) and (origin := origins[place]):
                found = self.categories.setdefault(origin.column, [])
                found.extend(fitted[:MOST_VALUES])
        for origin, count in zip(origins, getattr(estimator, "n_categories_", ()), strict=False):
            if origin:  # CategoricalNB numbers its categories from 0
                self.categories.setdefault(origin.column, []).extend(range(int(count)))

    def _add_thresholds(self, tree: DecisionPaths, origins: Origins) -> None:
        self.trees.append((tree, origins))
        splits = tree.is_split.nonzero()[0]
        if len(splits) > MOST_VALUES:
            splits = self._rng.choice(splits, MOST_VALUES, replace=False)
        features, thresholds = tree.feature[splits], tree.threshold[splits]
        for i in np.unique(features):
            self._add(origins[i] if i < len(origins) else None, thresholds[features == i])

    def _add_example(self, row: Sequence[Any]) -> None:
        for i, value in enumerate(row[: self.columns]):
            if isinstance(value, str):
                found = self.categories.setdefault(i, [])
                found += [value] if value not in found else []
            elif isinstance(value, int | float) and not isinstance(value, bool):
                self._add(ColumnOrigin(i), [value])

    def _add_locations(self, estimator: Any, origins: Origins) -> None:
        for name in LOCATIONS:
            values = getattr(estimator, name, None)
            if not isinstance(values, np.ndarray) or values.dtype.kind not in "fiu":
                continue
            if values.ndim not in (1, 2) or not origins or values.shape[-1] != len(origins):
                continue
            table = np.atleast_2d(values)[:MOST_VALUES].astype(np.float64)
            for origin, column in zip(origins, table.T, strict=True):
                self._add(origin, column)
            if values.ndim == 2 and all(origins) and len(origins) == self.columns:
                pairs = zip(origins, table.T, strict=True)
                rows = [origin.inverse(column) for origin, column in pairs if origin]
                self.stored_rows.append(np.stack(rows, axis=1))

    def _add_deviations(self, estimator: Any, origins: Origins) -> None:
        """Add one and three standard deviations around the means of a scaler."""
        scale = getattr(estimator, "scale_", None)
        if type(estimator).__name__ == "StandardScaler" and scale is not None and len(origins):
            mean = np.zeros(len(origins)) if estimator.mean_ is None else estimator.mean_
            for i, origin in enumerate(origins):
                self._add(origin, mean[i] + scale[i] * np.array([-3.0, -1.0, 1.0, 3.0]))

    def _add(self, origin: ColumnOrigin | None, values: Any) -> None:
        numbers = np.asarray(values, dtype=np.float64).ravel()
        if origin is None or not len(numbers):
            return
        if len(numbers) > MOST_VALUES:
            numbers = self._rng.choice(numbers, MOST_VALUES, replace=False)
        with np.errstate(all="ignore"):
            found = origin.inverse(numbers)
        self._found.setdefault(origin.column, []).append(found[np.isfinite(found)])
