"""Every model that isn't trees or preprocessing, held against scikit-learn's own answers."""

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import (
    cluster,
    covariance,
    cross_decomposition,
    decomposition,
    discriminant_analysis,
    dummy,
    feature_selection,
    gaussian_process,
    isotonic,
    kernel_approximation,
    kernel_ridge,
    linear_model,
    mixture,
    naive_bayes,
    neighbors,
    neural_network,
    random_projection,
    semi_supervised,
    svm,
)
from sklearn.datasets import make_classification, make_regression
from sklearn.gaussian_process import kernels

from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.frameworks import sklearn as runtime
from tests.lambdas.modelmount_compiler.convert.comparison import assert_same
from tests.lambdas.modelmount_compiler.convert.tied_scores import ties

pytestmark = pytest.mark.usefixtures("one_thread")

Array = NDArray[Any]
Make = Callable[[], Any]
ROWS = 120
X, THREE = make_classification(ROWS, 6, n_informative=6, n_redundant=0, n_classes=3, random_state=0)
R, ONE = make_regression(ROWS, 6, noise=5, random_state=0)
LABELS = {
    "strings": np.array(["a", "bb", "ç"])[THREE],
    "booleans": THREE == 1,
    "two strings": np.array(["no", "yes"])[(THREE == 1) * 1],
}
SEVERAL = np.stack((THREE > 0, THREE == 1, X[:, 0] > 0), axis=1).astype(int)
MANY = np.stack((ONE, ONE**2 / 100, np.sin(ONE)), axis=1)


def probes(x: Array) -> list[Array]:
    """Training rows, draws of several scales, and what every model refuses."""
    rng = np.random.default_rng(1)
    wide = [rng.normal(size=(30, x.shape[1])) * size for size in (1, 1e3, 1e6)]
    holes = [x[:2].copy() for _ in range(3)]
    for row, bad in zip(holes, (np.nan, np.inf, -np.inf), strict=True):
        row[1, 0] = bad
    return [x[:100], *wide, np.zeros((2, x.shape[1])), *holes]


def fitted(make: Make, x: Array, *y: Array) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return make().fit(x, *y)


CLASSIFIERS: dict[str, Make] = {
    "logistic": linear_model.LogisticRegression,
    "logistic cv": lambda: linear_model.LogisticRegressionCV(cv=2),
    "ridge": linear_model.RidgeClassifier,
    "ridge cv": linear_model.RidgeClassifierCV,
    "sgd": lambda: linear_model.SGDClassifier(random_state=0),
    "sgd log": lambda: linear_model.SGDClassifier(loss="log_loss", random_state=0),
    "sgd huber": lambda: linear_model.SGDClassifier(loss="modified_huber", random_state=0),
    "perceptron": linear_model.Perceptron,
    "passive aggressive": linear_model.PassiveAggressiveClassifier,
    "linear svc": svm.LinearSVC,
    "lda": discriminant_analysis.LinearDiscriminantAnalysis,
    "lda eigen": lambda: discriminant_analysis.LinearDiscriminantAnalysis(solver="eigen"),
    "qda": lambda: discriminant_analysis.QuadraticDiscriminantAnalysis(reg_param=0.1),
    "centroid": neighbors.NearestCentroid,
    "centroid priors": lambda: neighbors.NearestCentroid(priors="empirical"),
    "gaussian nb": naive_bayes.GaussianNB,
    "bernoulli nb": naive_bayes.BernoulliNB,
    "svc": svm.SVC,
    "svc linear": lambda: svm.SVC(kernel="linear"),
    "svc poly": lambda: svm.SVC(kernel="poly", decision_function_shape="ovo"),
    "svc sigmoid": lambda: svm.SVC(kernel="sigmoid", break_ties=True),
    "svc platt": lambda: svm.SVC(probability=True, random_state=0),
    "nu svc": lambda: svm.NuSVC(nu=0.2),
    "mlp": lambda: neural_network.MLPClassifier(20, solver="lbfgs", max_iter=30, random_state=0),
    "mlp logistic": lambda: neural_network.MLPClassifier(
        20, activation="logistic", solver="lbfgs", max_iter=30, random_state=0
    ),
    "mlp tanh": lambda: neural_network.MLPClassifier(
        (9, 5), activation="tanh", solver="lbfgs", max_iter=30, random_state=0
    ),
    "dummy": dummy.DummyClassifier,
    "dummy frequent": lambda: dummy.DummyClassifier(strategy="most_frequent"),
    "propagation": lambda: semi_supervised.LabelPropagation(gamma=0.5),
    "propagation to neighbors": lambda: semi_supervised.LabelPropagation("knn"),
    "spreading": lambda: semi_supervised.LabelSpreading(gamma=0.5),
    "gaussian process": lambda: gaussian_process.GaussianProcessClassifier(optimizer=None),
}
# More than two classes are told apart by probabilities that differ in the last bits.
NO_TIES = {"gaussian process"}


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_classifier(name: str, labels: str) -> None:
    estimator = fitted(CLASSIFIERS[name], X, LABELS[labels])
    assert_same(estimator, *probes(X))
    edge = ties(estimator, X)
    if len(edge) and name not in NO_TIES:
        assert_same(estimator, edge)


NEIGHBORS: dict[str, Make] = {
    "nearest": neighbors.KNeighborsClassifier,
    "nearest weighted": lambda: neighbors.KNeighborsClassifier(3, weights="distance"),
    "nearest brute": lambda: neighbors.KNeighborsClassifier(algorithm="brute"),
    "nearest by blocks": lambda: neighbors.KNeighborsClassifier(p=1),
    "radius": lambda: neighbors.RadiusNeighborsClassifier(3.0, outlier_label="most_frequent"),
    "radius weighted": lambda: neighbors.RadiusNeighborsClassifier(
        3.0, weights="distance", outlier_label=0
    ),
}


@pytest.mark.parametrize("y", [THREE, SEVERAL], ids=["three", "several"])
@pytest.mark.parametrize("name", NEIGHBORS)
def test_neighbors(name: str, y: Array) -> None:
    estimator = fitted(NEIGHBORS[name], X, y)
    assert_same(estimator, *probes(X), ties(estimator, X))


@pytest.mark.parametrize("algorithm", ["kd_tree", "brute"])
def test_neighbors_at_the_same_distance(algorithm: str) -> None:
    crowded = np.concatenate((np.round(X), np.round(X)))
    model = neighbors.KNeighborsClassifier(algorithm=algorithm, leaf_size=5)
    estimator = fitted(lambda: model, crowded, np.concatenate((THREE, 2 - THREE)))
    assert_same(estimator, crowded, 1e30 * crowded[:20])


COUNTS = np.abs(np.round(X * 2)).clip(0, 4)
COUNTING: dict[str, Make] = {
    "multinomial": naive_bayes.MultinomialNB,
    "complement": lambda: naive_bayes.ComplementNB(norm=True),
    "bernoulli": lambda: naive_bayes.BernoulliNB(binarize=2.0),
    "categorical": lambda: naive_bayes.CategoricalNB(min_categories=5),
}


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("name", COUNTING)
def test_naive_bayes_of_counts(name: str, labels: str) -> None:
    wide = np.random.default_rng(0).integers(0, 5, (50, X.shape[1])).astype(float)
    assert_same(fitted(COUNTING[name], COUNTS, LABELS[labels]), COUNTS, wide, *probes(COUNTS)[5:])


SEVERAL_AT_ONCE: dict[str, Make] = {
    "ridge": linear_model.RidgeClassifier,
    "mlp": lambda: neural_network.MLPClassifier(10, solver="lbfgs", max_iter=30, random_state=0),
    "dummy": dummy.DummyClassifier,
}


@pytest.mark.parametrize("name", SEVERAL_AT_ONCE)
def test_several_labels_at_once(name: str) -> None:
    assert_same(fitted(SEVERAL_AT_ONCE[name], X, SEVERAL), *probes(X))


def _plain(*names: str) -> dict[str, Make]:
    return {name: getattr(linear_model, name) for name in names}


ONE_TARGET: dict[str, Make] = {
    **_plain("ARDRegression", "BayesianRidge", "ElasticNet", "HuberRegressor", "LassoLars"),
    **_plain("LassoLarsIC", "OrthogonalMatchingPursuit", "QuantileRegressor", "RANSACRegressor"),
    **_plain("PassiveAggressiveRegressor", "SGDRegressor", "TheilSenRegressor"),
    **_plain("ElasticNetCV", "LarsCV", "LassoCV", "LassoLarsCV", "OrthogonalMatchingPursuitCV"),
    "linear svr": svm.LinearSVR,
    "svr": svm.SVR,
    "svr sigmoid": lambda: svm.SVR(kernel="sigmoid"),
    "nu svr": lambda: svm.NuSVR(kernel="poly"),
    "process": lambda: gaussian_process.GaussianProcessRegressor(optimizer=None, alpha=1e-2),
}
ANY_TARGETS: dict[str, Make] = {
    **_plain("LinearRegression", "Ridge", "RidgeCV", "Lasso", "Lars"),
    "kernel ridge": kernel_ridge.KernelRidge,
    "kernel ridge rbf": lambda: kernel_ridge.KernelRidge(kernel="rbf"),
    "kernel ridge poly": lambda: kernel_ridge.KernelRidge(kernel="poly"),
    "kernel ridge laplacian": lambda: kernel_ridge.KernelRidge(kernel="laplacian"),
    "pls": cross_decomposition.PLSRegression,
    "pls canonical": lambda: cross_decomposition.PLSCanonical(1),
    "cca": lambda: cross_decomposition.CCA(1),
    "mlp": lambda: neural_network.MLPRegressor(
        hidden_layer_sizes=10, solver="lbfgs", max_iter=30, random_state=0
    ),
    "neighbors": neighbors.KNeighborsRegressor,
    "neighbors weighted": lambda: neighbors.KNeighborsRegressor(weights="distance"),
    "neighbors brute": lambda: neighbors.KNeighborsRegressor(algorithm="brute"),
    "dummy": dummy.DummyRegressor,
}
MANY_TARGETS = _plain("MultiTaskElasticNet", "MultiTaskLasso")
PROCESS_KERNELS = {
    "matern": kernels.Matern(nu=1.5) + kernels.WhiteKernel(),
    "rough": 2.0 * kernels.Matern(nu=0.5),
    "smooth": kernels.Matern(nu=2.5) * kernels.ConstantKernel(0.5),
    "rational": kernels.RationalQuadratic(),
    "dot": kernels.DotProduct() ** 2,
    "periodic": kernels.ExpSineSquared() + kernels.WhiteKernel(10.0),
    "scales": kernels.RBF(np.arange(1.0, 7.0)),
}


@pytest.mark.parametrize("name", [*ONE_TARGET, *ANY_TARGETS])
def test_a_regressor(name: str) -> None:
    assert_same(fitted((ONE_TARGET | ANY_TARGETS)[name], R, ONE), *probes(R))


@pytest.mark.parametrize("name", [*ANY_TARGETS, *MANY_TARGETS])
def test_a_regressor_of_many_targets(name: str) -> None:
    assert_same(fitted((ANY_TARGETS | MANY_TARGETS)[name], R, MANY), *probes(R))


@pytest.mark.parametrize("name", PROCESS_KERNELS)
def test_a_process(name: str) -> None:
    def make() -> Any:
        kernel = PROCESS_KERNELS[name]
        return gaussian_process.GaussianProcessRegressor(kernel, optimizer=None, alpha=1.0)

    assert_same(fitted(make, R, ONE), *probes(R))


@pytest.mark.parametrize("name", ["PoissonRegressor", "GammaRegressor", "TweedieRegressor"])
def test_a_link(name: str) -> None:
    model = fitted(getattr(linear_model, name), R, np.abs(ONE) + 0.1)
    assert_same(model, *[np.clip(batch, -10, 10) for batch in probes(R)])


def test_mean_of_the_targets_within_a_radius() -> None:
    near = fitted(lambda: neighbors.RadiusNeighborsRegressor(5.0), R, ONE)
    assert_same(near, *probes(R))


@pytest.mark.parametrize("outside", ["nan", "clip", "raise"])
def test_isotonic(outside: str) -> None:
    model = isotonic.IsotonicRegression(out_of_bounds=outside).fit(R[:, :1], ONE)
    program = compile_model(model, runtime.describe(model))
    batch = R[:, :1]
    np.testing.assert_array_equal(program.run("predict", batch), model.predict(batch))
    beyond = np.array([[1e6]])
    if outside == "raise":
        with pytest.raises(ValueError, match="outside"):
            program.run("predict", beyond)
    else:
        found = program.run("predict", beyond)
        np.testing.assert_array_equal(found, model.predict(beyond))


OUTLIERS_AND_CLUSTERS: dict[str, Make] = {
    "sgd": linear_model.SGDOneClassSVM,
    "svm": svm.OneClassSVM,
    "lof": lambda: neighbors.LocalOutlierFactor(novelty=True),
    "envelope": lambda: covariance.EllipticEnvelope(random_state=0),
    "k-means": lambda: cluster.KMeans(4, random_state=0),
    "k-means batches": lambda: cluster.MiniBatchKMeans(4, random_state=0),
    "k-means bisecting": lambda: cluster.BisectingKMeans(4, random_state=0),
    "birch": cluster.Birch,
    "mean shift": cluster.MeanShift,
    "affinity": cluster.AffinityPropagation,
    **{
        f"mixture {kind}": partial(mixture.GaussianMixture, 3, covariance_type=kind, random_state=0)
        for kind in ("full", "tied", "diag", "spherical")
    },
    "bayesian mixture": lambda: mixture.BayesianGaussianMixture(n_components=3, random_state=0),
    "bayesian mixture diag": lambda: mixture.BayesianGaussianMixture(
        n_components=3,
        covariance_type="diag",
        weight_concentration_prior_type="dirichlet_distribution",
        random_state=0,
    ),
}


@pytest.mark.parametrize("name", OUTLIERS_AND_CLUSTERS)
def test_an_outlier_detector_or_clusterer(name: str) -> None:
    estimator = fitted(OUTLIERS_AND_CLUSTERS[name], X)
    edge = ties(estimator, X)
    assert_same(estimator, *probes(X), *([edge] if len(edge) else []))


TRANSFORMERS: dict[str, Make] = {
    "pca": lambda: decomposition.PCA(3),
    "pca white": lambda: decomposition.PCA(whiten=True),
    "pca steps": lambda: decomposition.IncrementalPCA(3),
    "svd": lambda: decomposition.TruncatedSVD(3),
    "factors": lambda: decomposition.FactorAnalysis(3),
    "ica": lambda: decomposition.FastICA(3, random_state=0),
    "gaussian projection": lambda: random_projection.GaussianRandomProjection(3),
    "sparse projection": lambda: random_projection.SparseRandomProjection(3),
    "components": lambda: neighbors.NeighborhoodComponentsAnalysis(2, max_iter=5),
    "agglomeration": lambda: cluster.FeatureAgglomeration(3),
    "pls svd": lambda: cross_decomposition.PLSSVD(1),
    "boltzmann": lambda: neural_network.BernoulliRBM(5, n_iter=1, random_state=0),
    "fourier": lambda: kernel_approximation.RBFSampler(n_components=20, random_state=0),
    "nystroem": lambda: kernel_approximation.Nystroem(n_components=20, random_state=0),
    **{
        f"kernel pca {kind}": partial(decomposition.KernelPCA, 3, kernel=kind)
        for kind in ("linear", "rbf", "poly", "sigmoid", "cosine")
    },
    "k best": lambda: feature_selection.SelectKBest(k=3),
    "percentile": lambda: feature_selection.SelectPercentile(percentile=50),
    "variance": lambda: feature_selection.VarianceThreshold(0.1),
    "from model": lambda: feature_selection.SelectFromModel(linear_model.LogisticRegression()),
}
FROM_ZERO: dict[str, Make] = {
    "skewed": lambda: kernel_approximation.SkewedChi2Sampler(n_components=20, random_state=0),
    "additive": lambda: kernel_approximation.AdditiveChi2Sampler(sample_steps=3),
}


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_a_transformer(name: str) -> None:
    assert_same(fitted(TRANSFORMERS[name], X, THREE), *probes(X))


@pytest.mark.parametrize("name", FROM_ZERO)
def test_a_transformer_of_positive_numbers(name: str) -> None:
    positive = np.abs(X)
    assert_same(fitted(FROM_ZERO[name], positive), *map(np.abs, probes(X)), -positive)


@pytest.mark.parametrize(
    ("estimator", "reason"),
    [
        (svm.SVC(kernel=lambda a, b: a @ b.T), "kernel of its own"),
        (neighbors.KNeighborsClassifier(metric="canberra"), "canberra"),
        (neighbors.KNeighborsClassifier(weights=lambda d: d + 1), "function for weights"),
        (dummy.DummyClassifier(strategy="stratified"), "draws its answers"),
        (kernel_ridge.KernelRidge(kernel="chi2", gamma=1.0), "chi2"),
    ],
    ids=["kernel", "metric", "weights", "lot", "kernel name"],
)
def test_what_is_not_reproduced_is_refused_by_name(estimator: Any, reason: str) -> None:
    model = fitted(lambda: estimator, np.abs(X), THREE)
    with pytest.raises(NotCompilable, match=reason):
        compile_model(model, runtime.describe(model))


def test_what_is_drawn_by_lot_is_left_out() -> None:
    model = fitted(lambda: dummy.DummyClassifier(strategy="uniform"), X, THREE)
    assert set(compile_model(model, runtime.describe(model)).outputs) == {"predict_proba"}
