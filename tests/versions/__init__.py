"""The compiler under every environment: its programs answer as their own versions' originals.

    PYTHONPATH=.:lambdas MODELMOUNT_ENVIRONMENTS=FOLDER python -m tests.versions [--write]

| module     | purpose                                                                        |
|------------|--------------------------------------------------------------------------------|
| `zoo`      | the kinds of models; it imports under each version                             |
| `boosters` | those of XGBoost, LightGBM and CatBoost                                        |
| `saving`   | the ways of saving: pickle's protocols, joblib's compressions                  |
| `child`    | fits, saves, scans, loads, describes and compiles them, in an environment      |
| `judge`    | runs the programs in this process, which holds them against the child's answers |
| `page`     | writes the table of [versions.md](../../docs/compiler/versions.md)             |

The originals answer in the child, on rows of their training data and of gaps. The programs answer
here, with this deployment's NumPy, as they would be served.
"""
