"""Operations of compiled programs, grouped by kind of model.

A program file names an operation by family and class, such as `linear.Affine`. Files outlive the
layout of this package, so `MODULES` maps each family to its current module. A family never changes
its name.
"""

MODULES = {
    "assembly": "outputs.composition",
    "calibration": "outputs.calibration",
    "labels": "outputs.labels",
    "multiclass": "outputs.multiclass",
    "targets": "outputs.target_transforms",
    "bayes": "linear.naive_bayes",
    "decomposition": "linear.feature_agglomeration",
    "discriminant": "linear.discriminant_analysis",
    "gaussian": "linear.gaussian_process",
    "kernels": "linear.kernels",
    "linear": "linear.linear_models",
    "links": "linear.link_functions",
    "neural": "linear.neural_network",
    "single": "linear.float32_links",
    "svm": "linear.svm",
    "clusters": "neighbors.clustering",
    "mixtures": "neighbors.gaussian_mixture",
    "neighbors": "neighbors.nearest_neighbors",
    "propagation": "neighbors.label_propagation",
    "search": "neighbors.neighbor_search",
    "bins": "preprocessing.binning",
    "categories": "preprocessing.category_codes",
    "columns": "preprocessing.columns",
    "donors": "preprocessing.multivariate_imputation",
    "encoding": "preprocessing.encoding",
    "imputing": "preprocessing.imputation",
    "normal": "preprocessing.normal_quantiles",
    "polynomials": "preprocessing.polynomials",
    "records": "preprocessing.records",
    "rows": "preprocessing.rows",
    "scaling": "preprocessing.scaling",
    "tables": "preprocessing.tables",
    "selection": "preprocessing.feature_selection",
    "transforms": "preprocessing.nonlinear_transforms",
    "sparse": "sparse",
    "analysis": "text.tokenizer",
    "text": "text.term_counts",
    "trees": "trees.tree_ensembles",
    "votes": "trees.voting",
}
