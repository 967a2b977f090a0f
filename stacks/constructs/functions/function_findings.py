"""Findings that are accepted on every function."""

FUNCTION_FINDINGS = {
    "CKV_AWS_115": "A new account has ten executions at once in all: reserving takes from others.",
    "CKV_AWS_116": "What an event starts has destinations, which tell more than a dead letter.",
    "CKV_AWS_173": "No variable holds a secret; Lambda encrypts them with its own key.",
}
RUNTIME_FINDINGS = {
    "AwsSolutions-L1": "The Python of the serving image: what is shared runs on one version."
}
