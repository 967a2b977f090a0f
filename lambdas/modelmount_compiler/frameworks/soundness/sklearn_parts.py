"""Checks the arrays of fitted scikit-learn estimators that native code reads without a check.

Source: the Cython and C code of scikit-learn 1.9 and SciPy 1.17 that runs at prediction.
"""

from typing import Any

import numpy as np

from modelmount_compiler.frameworks.soundness import damage, sklearn_trees

MOST_THREADS = 1024
COMPRESSED = ("csr", "csc", "bsr")
REGRESSIONS = ("one_class", "epsilon_svr", "nu_svr")


def tree_estimator(model: Any, where: str) -> None:
    """Check that a decision tree takes as many columns as its estimator."""
    if hasattr(model, "tree_"):
        damage.count(model.tree_.n_features, model.n_features_in_, f"the columns of {where}")


def forest(model: Any, where: str) -> None:
    """Check a forest, which hands its rows to trees without another look."""
    for index, member in enumerate(getattr(model, "estimators_", ())):
        width = member.tree_.n_features
        damage.count(width, model.n_features_in_, f"the columns of {where}.estimators_[{index}]")


def isolation_forest(model: Any, where: str) -> None:
    """Check an isolation forest, whose trees see the columns that are drawn for them."""
    if not hasattr(model, "estimators_"):
        return
    drawn = list(model.estimators_features_)
    damage.count(len(drawn), len(model.estimators_), f"estimators_features_ of {where}")
    whole = model._max_features == model.n_features_in_
    for index, (member, columns) in enumerate(zip(model.estimators_, drawn, strict=True)):
        place = f"{where}.estimators_[{index}]"
        damage.within(damage.whole(columns, place), 0, model.n_features_in_, f"a column in {place}")
        width = model.n_features_in_ if whole else len(columns)
        damage.count(member.tree_.n_features, width, f"the columns of {place}")


def gradient_boosting(model: Any, where: str) -> None:
    """Check gradient boosting: its trees write into as many sums as its first guess has."""
    if not hasattr(model, "estimators_"):
        return
    members = model.estimators_
    if members.ndim != 2 or not members.size:
        raise damage.damaged(where, f"has estimators of the shape {members.shape}")
    for (round_, output), member in np.ndenumerate(members):
        place = f"{where}.estimators_[{round_}, {output}]"
        damage.count(member.tree_.n_features, model.n_features_in_, f"the columns of {place}")
        damage.count(member.tree_.max_n_classes, 1, f"the values of a leaf of {place}")
        damage.count(member.tree_.n_outputs, 1, f"the values of a leaf of {place}")


def gradient_boosting_start(model: Any, where: str) -> None:
    """Check the shape of the first guess; called when all other parts are checked."""
    if hasattr(model, "estimators_"):
        first = model._raw_predict_init(np.zeros((1, int(model.n_features_in_)), np.float32))
        damage.count(first.shape[1], model.estimators_.shape[1], f"the first guess of {where}")


def neighbors(model: Any, where: str) -> None:
    """Check what is searched for neighbours, and their labels."""
    if not hasattr(model, "_fit_X"):
        return
    rows, width = model._fit_X.shape
    precomputed = model.metric == "precomputed"
    if not precomputed:
        damage.count(width, model.n_features_in_, f"the columns of {where}")
    damage.count(model.n_samples_fit_, rows, f"the rows of {where}")
    tree = getattr(model, "_tree", None)
    if tree is not None and np.shape(tree.data) != (rows, width):
        raise damage.damaged(where, f"has a tree over {np.shape(tree.data)} values")
    _neighbor_labels(model, rows, where)


def _neighbor_labels(model: Any, rows: int, where: str) -> None:
    labels = getattr(model, "_y", None)
    if labels is None:
        return
    damage.count(len(labels), rows, f"the answers of {where}")
    classes = getattr(model, "classes_", None)
    if classes is None:
        return
    columns = np.asarray(labels).reshape(rows, -1)
    known = classes if isinstance(classes, list) else [classes]
    damage.count(len(known), columns.shape[1], f"classes_ of {where}")
    for column, names in zip(columns.T, known, strict=True):
        damage.within(damage.whole(column, where), 0, len(names), f"a label in {where}")


def libsvm(model: Any, where: str) -> None:
    """Check a support vector machine: libsvm takes all lengths from its arrays' neighbours."""
    if not hasattr(model, "support_vectors_"):
        return
    vectors, sizes = model.support_vectors_, damage.whole(model._n_support, where)
    if (sizes < 0).any():
        raise damage.damaged(where, "has a class of fewer than no support vectors")
    rows = vectors.shape[0]
    classes = len(sizes)
    if model._impl in REGRESSIONS:
        damage.count(classes, 2, f"_n_support of {where}")
        total = int(sizes[0])  # the other belongs to no class
    else:
        total = int(sizes.sum())
    pairs, outputs = classes * (classes - 1) // 2, classes - 1
    if vectors.size or not _by_support(model):
        damage.count(rows, total, f"support_vectors_ of {where}")
    _support(model, total, where)
    coefficients = model._dual_coef_
    if tuple(coefficients.shape) != (outputs, total):
        raise damage.damaged(where, f"has coefficients of the shape {coefficients.shape}")
    if hasattr(coefficients, "nnz"):
        damage.count(len(coefficients.data), outputs * total, f"dual_coef_ of {where}")
    damage.count(len(model._intercept_), pairs, f"intercept_ of {where}")
    for name in ("_probA", "_probB"):
        if len(getattr(model, name)):
            damage.count(len(getattr(model, name)), pairs, f"{name} of {where}")


def _by_support(model: Any) -> bool:
    """Whether libsvm reads kernel values by the support vectors' places."""
    return callable(model.kernel) or model.kernel == "precomputed"


def _support(model: Any, total: int, where: str) -> None:
    """Check the support vectors' places among the training rows, and their columns."""
    support = damage.whole(model.support_, where)
    damage.count(len(support), total, f"support_ of {where}")
    if _by_support(model):
        damage.within(support, 0, int(model.shape_fit_[0]), f"support_ of {where}")
    else:
        width = model.support_vectors_.shape[1]
        damage.count(width, model.n_features_in_, f"the columns of {where}")


def k_means(model: Any, where: str) -> None:
    """Check the centres of clusters, and the threads that look for the nearest."""
    centers = getattr(model, "cluster_centers_", None)
    if centers is not None:
        if centers.ndim != 2 or not len(centers):
            raise damage.damaged(where, f"has centres of the shape {centers.shape}")
        damage.count(centers.shape[1], model.n_features_in_, f"the columns of {where}")
        threads = np.asarray([getattr(model, "_n_threads", 1)])
        damage.within(threads, 1, MOST_THREADS + 1, f"_n_threads of {where}")


def birch(model: Any, where: str) -> None:
    """Check that each centre has its norm."""
    if hasattr(model, "subcluster_centers_"):
        norms, centers = model._subcluster_norms, model.subcluster_centers_
        damage.count(len(norms), len(centers), f"_subcluster_norms of {where}")
        damage.count(centers.shape[1], model.n_features_in_, f"the columns of {where}")


def sparse_matrix(matrix: Any, where: str) -> None:
    """Check that no index of a sparse matrix leads out of it."""
    kind = matrix.format
    rows, columns = matrix.shape[0], matrix.shape[-1]
    if kind in COMPRESSED:
        block = matrix.blocksize if kind == "bsr" else (1, 1)
        along, across = (columns, rows) if kind == "csc" else (rows, columns)
        starts = damage.whole(matrix.indptr, where)
        damage.bounds(starts, along // block[0], len(matrix.indices), f"indptr of {where}")
        damage.count(len(matrix.data), len(matrix.indices), f"data of {where}")
        if kind == "bsr" and (rows % block[0] or columns % block[1]):
            raise damage.damaged(where, f"isn't made of blocks of {block}")
        indices = damage.whole(matrix.indices[: starts[-1]], where)
        damage.within(indices, 0, across // block[1], f"indices of {where}")
    elif kind == "coo":
        for axis, indices in zip(matrix.shape, matrix.coords, strict=True):
            damage.count(len(indices), len(matrix.data), f"coords of {where}")
            damage.within(damage.whole(indices, where), 0, axis, f"coords of {where}")
    elif kind == "lil":
        damage.count(len(matrix.rows), rows, f"rows of {where}")
        for row, values in zip(matrix.rows, matrix.data, strict=True):
            damage.count(len(values), len(row), f"a row of {where}")
            damage.within(damage.whole(row, where), 0, columns, f"a row of {where}")


def vocabulary(model: Any, where: str) -> None:
    """Check that terms count into columns that are there."""
    found = getattr(model, "vocabulary_", None)
    if found is not None:
        places = damage.whole(list(found.values()), f"vocabulary_ of {where}")
        damage.within(places, 0, len(found), f"vocabulary_ of {where}")


def encoder(model: Any, where: str) -> None:
    """Check that categories are encoded into columns that are there."""
    categories = getattr(model, "categories_", None)
    if categories is None or not hasattr(model, "n_features_in_"):
        return
    damage.count(len(categories), model.n_features_in_, f"categories_ of {where}")
    for index, known in enumerate(categories):
        _ascending(known, f"{where}.categories_[{index}]")
    if not hasattr(model, "_n_features_outs"):
        return
    groups = getattr(model, "_default_to_infrequent_mappings", None) or [None] * len(categories)
    dropped = getattr(model, "_drop_idx_after_grouping", None)
    dropped = [None] * len(categories) if dropped is None else list(dropped)
    for index, known in enumerate(categories):
        place = f"{where}.categories_[{index}]"
        _one_hot(known, groups[index], dropped[index], place)
    damage.count(len(groups), len(categories), f"the groups of {where}")
    damage.count(len(dropped), len(categories), f"drop_idx_ of {where}")
    if list(model._n_features_outs) != list(model._compute_n_features_outs()):
        raise damage.damaged(where, "doesn't give as many columns as it has categories")


def _one_hot(known: Any, group: Any, dropped: Any, where: str) -> None:
    """Check what rare categories are grouped into, and which category has no column."""
    columns = len(known)
    if group is not None:
        group = damage.whole(group, where)
        damage.count(len(group), columns, f"the groups of {where}")
        columns = len(np.unique(group))
        damage.within(group, 0, columns, f"the groups of {where}")
    if dropped is not None:
        damage.within(damage.whole([int(dropped)], where), 0, columns, f"drop_idx_ of {where}")


def _ascending(known: Any, where: str) -> None:
    """Require numbers in ascending order, for they are searched by bisection; texts aren't."""
    if known.dtype.kind in "OUS":
        return
    numbers = known[~np.isnan(known)] if known.dtype.kind == "f" else known
    if not np.array_equal(known[: len(numbers)], numbers) or (numbers[1:] <= numbers[:-1]).any():
        raise damage.damaged(where, "isn't in ascending order")


def spline(curve: Any, where: str) -> None:
    """Check a B-spline: as many knots and coefficients as its degree needs."""
    degree, knots = int(curve.k), np.asarray(curve.t)
    if degree < 0 or knots.ndim != 1 or len(knots) < 2 * degree + 2:
        raise damage.damaged(where, f"has {knots.size} knots for the degree {degree}")
    if not np.isfinite(knots).all() or (np.diff(knots) < 0).any():
        raise damage.damaged(where, "has knots that aren't in ascending order")
    if len(curve.c) < len(knots) - degree - 1:
        raise damage.damaged(where, f"has {len(curve.c)} coefficients")


# By the class that brings the native code.
BY_CLASS = {
    "sklearn.tree._tree.Tree": sklearn_trees.decision_tree,
    "sklearn.tree._classes.BaseDecisionTree": tree_estimator,
    "sklearn.ensemble._forest.BaseForest": forest,
    "sklearn.ensemble._iforest.IsolationForest": isolation_forest,
    "sklearn.ensemble._gb.BaseGradientBoosting": gradient_boosting,
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.BaseHistGradientBoosting": (
        sklearn_trees.histogram_boosting
    ),
    "sklearn.neighbors._base.NeighborsBase": neighbors,
    "sklearn.neighbors._kd_tree.BinaryTree64": sklearn_trees.neighbor_tree,
    "sklearn.neighbors._ball_tree.BinaryTree64": sklearn_trees.neighbor_tree,
    "sklearn.neighbors._kd_tree.BinaryTree": sklearn_trees.neighbor_tree,  # before 1.4
    "sklearn.neighbors._ball_tree.BinaryTree": sklearn_trees.neighbor_tree,
    "sklearn.svm._base.BaseLibSVM": libsvm,
    "sklearn.cluster._kmeans._BaseKMeans": k_means,
    "sklearn.cluster._birch.Birch": birch,
    "scipy.sparse._base._spbase": sparse_matrix,
    "scipy.sparse._base.spmatrix": sparse_matrix,  # before SciPy 1.11
    "sklearn.feature_extraction.text.CountVectorizer": vocabulary,
    "sklearn.feature_extraction._dict_vectorizer.DictVectorizer": vocabulary,
    "sklearn.preprocessing._encoders._BaseEncoder": encoder,
    "scipy.interpolate._bsplines.BSpline": spline,
}
# These ask parts of the model, so they come when every part is checked.
AFTERWARDS = {
    "sklearn.ensemble._gb.BaseGradientBoosting": gradient_boosting_start,
}
