"""The soak: honest models beside ones that crash, hang, leak and spy, by each way to serve.

    PYTHONPATH=.:lambdas python -m tests.soak [--seconds 120] [--door lambda]

| module    | purpose                                                              |
|-----------|----------------------------------------------------------------------|
| `models`  | publishes the models, which nothing guards against                   |
| `doors`   | a way to serve them: Lambda's handler, the container, a local system |
| `callers` | eight callers, and what became of each call                          |

Honest models are asked alone first. `--seconds` is the time beside the others.
"""
