"""Other scanners of pickles as judges of ours, and ours as a judge of their test cases.

    python -m venv judges && judges/bin/pip install -r tests/judges/requirements.txt
    PYTHONPATH=.:lambdas python -m tests.judges --python judges/bin/python [--corpus FOLDER]

| module     | purpose                                                                    |
|------------|----------------------------------------------------------------------------|
| `cases`    | writes our hostile and honest pickles                                      |
| `verdicts` | asks the other scanners; it runs in their environment                      |
| `recorder` | a plugin of pytest that keeps what the tests of fickling and modelscan try |

`--corpus` has what `recorder` kept: `judges/bin/python -m pytest -p recorder TESTS` with
`PYTHONPATH=tests/judges RECORDED=FOLDER`, in a checkout of each project. Nothing of theirs is kept
here but the counts, in results.json.
"""
