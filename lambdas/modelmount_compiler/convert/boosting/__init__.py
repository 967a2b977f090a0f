"""Converters of XGBoost, LightGBM and CatBoost."""
