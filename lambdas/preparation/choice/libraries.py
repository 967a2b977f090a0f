"""Libraries that models are often made with, by import name, and what PyPI calls them.

A name that isn't here may be a module of the uploader's own, which no environment can have.
"""

PYPI = {
    "imblearn": "imbalanced-learn",
    "category_encoders": "category-encoders",
    "feature_engine": "feature-engine",
    "sklearn_pandas": "sklearn-pandas",
    "sklearn_crfsuite": "sklearn-crfsuite",
    "sksurv": "scikit-survival",
    "skmultilearn": "scikit-multilearn",
    "skopt": "scikit-optimize",
    "umap": "umap-learn",
    "pytorch_lightning": "pytorch-lightning",
    "pytorch_tabnet": "pytorch-tabnet",
    "sentence_transformers": "sentence-transformers",
    "surprise": "scikit-surprise",
    "scikeras": "scikeras",
    "autosklearn": "auto-sklearn",
    "dask_ml": "dask-ml",
    "dateparser": "dateparser",
    "tensorflow_hub": "tensorflow-hub",
    **{
        name: name
        for name in (
            *("autogluon", "causalml", "cloudpickle", "dill", "econml", "fastai", "flair"),
            *("flaml", "gensim", "gplearn", "hdbscan", "hmmlearn", "hyperopt", "implicit"),
            *("interpret", "keras", "lifelines", "lightfm", "mapie", "mlxtend", "ngboost"),
            *("nltk", "optbinning", "optuna", "patsy", "pmdarima", "polars", "prophet"),
            *("pycaret", "pygam", "pyod", "river", "sktime", "skrub", "skorch", "spacy"),
            *("statsmodels", "tensorflow", "torch", "torchvision", "tpot", "transformers"),
            *("tslearn", "xgbse"),
        )
    },
}
