"""Pieces that take records or rows of a table."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import LabelEncoder, MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.svm import SVC

from tests.lambdas.chains.shape import Shape

ROWS = 60


def people() -> pd.DataFrame:
    """Return a table of numbers and texts."""
    draw = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "gender": draw.choice(["Female", "Male"], ROWS),
            "age": draw.integers(18, 80, ROWS),
            "city": draw.choice(["Oslo", "Paris", "Rome"], ROWS),
            "balance": draw.normal(50_000, 20_000, ROWS).round(2),
            "tenure": draw.integers(0, 10, ROWS),
        }
    )


def left(table: pd.DataFrame) -> np.ndarray[Any, Any]:
    """Return who left: a target of two classes."""
    older = (table.age > 45).astype(int) + (table.balance > 60_000).astype(int)
    return np.asarray((older + (table.gender == "Male").astype(int)) > 1).astype(int)


NUMBERS = ["age", "balance", "tenure"]
TEXTS = ["gender", "city"]


def _records(table: pd.DataFrame) -> list[Any]:
    found: list[Any] = table.head(12).to_dict(orient="records")
    return found


def _rows(table: pd.DataFrame) -> list[Any]:
    found: list[Any] = table.head(12).to_numpy(dtype=float).tolist()
    return found


def scaler_of_arrays() -> Shape:
    """Return scaler and model that were fitted without names."""
    table = people()
    scaler = StandardScaler().fit(table[NUMBERS].to_numpy(float))
    model = LogisticRegression().fit(scaler.transform(table[NUMBERS].to_numpy(float)), left(table))
    return Shape(
        {"scaler.pkl": scaler, "model.pkl": model},
        lambda rows: model.predict(scaler.transform(np.array(rows))),
        _rows(table[NUMBERS]),
    )


def scaler_of_a_frame() -> Shape:
    """Return a scaler with names, and a model that never saw any."""
    table = people()
    scaler = StandardScaler().fit(table[NUMBERS])
    model = SVC().fit(scaler.transform(table[NUMBERS]), left(table))
    return Shape(
        {"sc.joblib": scaler, "svc.joblib": model},
        lambda records: model.predict(scaler.transform(pd.DataFrame(records)[NUMBERS])),
        _records(table[NUMBERS]),
    )


def components() -> Shape:
    """Return imputer, scaler, principal components and model; the widths leave no doubt."""
    table = people()[NUMBERS].to_numpy(float)
    holed = table.copy()
    holed[::7, 1] = np.nan
    imputer = SimpleImputer(strategy="median").fit(holed)
    scaler = StandardScaler().fit(imputer.transform(holed))
    pca = PCA(2).fit(scaler.transform(imputer.transform(holed)))

    def features(rows: Any) -> Any:
        return pca.transform(scaler.transform(imputer.transform(rows)))

    model = KNeighborsClassifier(3).fit(features(holed), left(people()))
    files = {"imputer.pkl": imputer, "pca.pkl": pca, "scaler.pkl": scaler, "knn.pkl": model}
    rows = holed[:12].tolist()
    asked = [[None if np.isnan(value) else value for value in row] for row in rows]
    return Shape(files, lambda rows: model.predict(features(np.array(rows, float))), asked)


def components_of_all() -> Shape:
    """Return as many components as columns, so that what was learned tells the order."""
    table = people()[NUMBERS].to_numpy(float)
    scaler = StandardScaler().fit(table)
    pca = PCA().fit(scaler.transform(table))
    model = LogisticRegression().fit(pca.transform(scaler.transform(table)), left(people()))
    return Shape(
        {"pca.pkl": pca, "standard_scaler.pkl": scaler, "model.pkl": model},
        lambda rows: model.predict(pca.transform(scaler.transform(np.array(rows)))),
        table[:12].tolist(),
    )


def some_columns_scaled() -> Shape:
    """Return a scaler of some columns, which lie between others."""
    table = people()[["age", "tenure", "balance"]]
    scaled, chosen = table.astype(float), ["age", "balance"]
    scaler = MinMaxScaler().fit(table[chosen])
    scaled[chosen] = scaler.transform(table[chosen])
    model = LogisticRegression().fit(scaled, left(people()))

    def app(records: list[Any]) -> Any:
        frame = pd.DataFrame(records).astype(float)
        frame[chosen] = scaler.transform(frame[chosen])
        return model.predict(frame)

    return Shape({"scaler.pkl": scaler, "model.pkl": model}, app, _records(table))


def encoders_by_column() -> Shape:
    """Return a dictionary of label encoders, of the target too, a scaler of all, and a model."""
    table, target = people(), np.where(left(people()), "gone", "stayed")
    encoders = {name: LabelEncoder().fit(table[name]) for name in TEXTS}
    encoders["churn"] = LabelEncoder().fit(target)
    coded = table.copy()
    for name in TEXTS:
        coded[name] = encoders[name].transform(table[name])
    scaler = StandardScaler().fit(coded)
    model = RandomForestClassifier(8, random_state=1)
    model.fit(scaler.transform(coded), encoders["churn"].transform(target))

    def app(records: list[Any]) -> Any:
        frame = pd.DataFrame(records)
        for name in TEXTS:
            frame[name] = encoders[name].transform(frame[name])
        return encoders["churn"].inverse_transform(model.predict(scaler.transform(frame)))

    files = {"label_encoders.pkl": encoders, "scaler.pkl": scaler, "rf.pkl": model}
    return Shape(files, app, _records(table))


def encoders_one_by_one() -> Shape:
    """Return label encoders called after their columns, and a list of the columns."""
    table = people()
    gender, city = (LabelEncoder().fit(table[name]) for name in TEXTS)
    coded = table.assign(gender=gender.transform(table.gender), city=city.transform(table.city))
    model = RandomForestClassifier(8, random_state=1).fit(coded.to_numpy(float), left(table))

    def app(records: list[Any]) -> Any:
        frame = pd.DataFrame(records)[list(table.columns)]
        frame["gender"] = gender.transform(frame["gender"])
        frame["city"] = city.transform(frame["city"])
        return model.predict(frame.to_numpy(float))

    files = {
        "le_gender.pkl": gender,
        "city_encoder.pkl": city,
        "model.pkl": model,
        "feature_columns.pkl": list(table.columns),
    }
    return Shape(files, app, _records(table))


def side_by_side() -> Shape:
    """Return a scaler of the numbers and a one-hot encoder of the texts, put side by side."""
    table = people()
    scaler = StandardScaler().fit(table[NUMBERS])
    encoder = OneHotEncoder(sparse_output=False).fit(table[TEXTS])

    def features(frame: pd.DataFrame) -> pd.DataFrame:
        numbers = pd.DataFrame(scaler.transform(frame[NUMBERS]), columns=NUMBERS)
        names = encoder.get_feature_names_out()
        return pd.concat(
            [numbers, pd.DataFrame(encoder.transform(frame[TEXTS]), columns=names)], axis=1
        )

    model = LogisticRegression().fit(features(table), left(table))
    files = {"scaler.pkl": scaler, "encoder.pkl": encoder, "model.pkl": model}
    return Shape(
        files, lambda records: model.predict(features(pd.DataFrame(records))), _records(table)
    )


def columns_in_json() -> Shape:
    """Return a model fitted on an array, and the names of its columns in JSON."""
    table = people()[NUMBERS]
    model = LinearRegression().fit(table.to_numpy(float), table.age * 2 + table.tenure)
    return Shape(
        {"home_prices_model.pickle": model, "columns.json": {"data_columns": NUMBERS}},
        lambda records: model.predict(pd.DataFrame(records)[NUMBERS].to_numpy(float)),
        _records(table),
    )


def dummies() -> Shape:
    """Return a model of one-hot columns made by hand, and their names."""
    table = people()
    wide = pd.get_dummies(table, columns=TEXTS, dtype=float)
    model = RandomForestClassifier(8, random_state=1).fit(wide.to_numpy(float), left(table))
    names = list(wide.columns)
    return Shape(
        {"model.pkl": model, "model_columns.pkl": names},
        lambda records: model.predict(pd.DataFrame(records)[names].to_numpy(float)),
        _records(wide),
    )


def dictionary_with_features() -> Shape:
    """Return model, scaler and the names of columns in one dictionary."""
    table = people()
    scaler = StandardScaler().fit(table[NUMBERS].to_numpy(float))
    model = LogisticRegression().fit(scaler.transform(table[NUMBERS].to_numpy(float)), left(table))
    held = {"model": model, "scaler": scaler, "features": NUMBERS, "metrics": {"auc": 0.9}}
    return Shape(
        {"churn.joblib": held},
        lambda records: model.predict(scaler.transform(pd.DataFrame(records)[NUMBERS].to_numpy())),
        _records(table[NUMBERS]),
    )


def dictionary_with_encoders() -> Shape:
    """Return a model and label encoders that are called after columns, in one dictionary."""
    table = people()[["gender", "city", "age"]]
    gender, city = (LabelEncoder().fit(table[name]) for name in TEXTS)
    coded = table.assign(gender=gender.transform(table.gender), city=city.transform(table.city))
    model = RandomForestRegressor(8, random_state=1).fit(coded, table.age * 1.5)

    def app(records: list[Any]) -> Any:
        frame = pd.DataFrame(records)
        frame["gender"] = gender.transform(frame["gender"])
        frame["city"] = city.transform(frame["city"])
        return model.predict(frame)

    held = {"model": model, "le_gender": gender, "le_city": city}
    return Shape({"saved_steps.pkl": held}, app, _records(table))


def with_a_threshold() -> Shape:
    """Return a model and the probability from which on it says yes, in a dictionary."""
    table = people()[NUMBERS]
    model = LogisticRegression(max_iter=5000).fit(table, left(people()))
    held = {"model": model, "threshold": 0.3, "features": NUMBERS}
    return Shape(
        {"fraud.pkl": held},
        lambda records: (model.predict_proba(pd.DataFrame(records))[:, 1] >= 0.3).astype(int),
        _records(table),
    )


def target_scaled() -> Shape:
    """Return scalers of the columns and of the target."""
    table = people()[NUMBERS].to_numpy(float)
    target = (table[:, 0] * 1000 + table[:, 2]).reshape(-1, 1)
    scaler_x, scaler_y = StandardScaler().fit(table), StandardScaler().fit(target)
    model = LinearRegression().fit(scaler_x.transform(table), scaler_y.transform(target).ravel())

    def app(rows: list[Any]) -> Any:
        found = model.predict(scaler_x.transform(np.array(rows)))
        return scaler_y.inverse_transform(found.reshape(-1, 1)).ravel()

    files = {"scaler_X.pkl": scaler_x, "scaler_y.pkl": scaler_y, "regressor.pkl": model}
    return Shape(files, app, table[:12].tolist())


def preprocessor() -> Shape:
    """Return a column transformer and the model behind it."""
    table = people()
    made = ColumnTransformer([("n", StandardScaler(), NUMBERS), ("t", OneHotEncoder(), TEXTS)])
    made.fit(table)
    model = LogisticRegression().fit(made.transform(table), left(table))
    return Shape(
        {"preprocessor.pkl": made, "model.pkl": model},
        lambda records: model.predict(made.transform(pd.DataFrame(records))),
        _records(table),
    )


def crops() -> Shape:
    """Return scaler, model and the encoder of three labels."""
    table = people()[NUMBERS].to_numpy(float)
    encoder = LabelEncoder().fit(["apple", "maize", "rice"])
    scaler = MinMaxScaler().fit(table)
    target = np.arange(ROWS) % 3
    model = RandomForestClassifier(8, random_state=1).fit(scaler.transform(table), target)

    def app(rows: list[Any]) -> Any:
        return encoder.inverse_transform(model.predict(scaler.transform(np.array(rows))))

    files = {"minmaxscaler.pkl": scaler, "crop_model.pkl": model, "label_encoder.pkl": encoder}
    return Shape(files, app, table[:12].tolist())


SHAPES = {
    made.__name__: made
    for made in (
        *(scaler_of_arrays, scaler_of_a_frame, components, components_of_all),
        *(some_columns_scaled, encoders_by_column, encoders_one_by_one, side_by_side),
        *(columns_in_json, dummies, dictionary_with_features, dictionary_with_encoders),
        *(with_a_threshold, target_scaled, preprocessor, crops),
    )
}
