"""The sweep: every model of the zoo, asked in every form, answers as its original does itself.

    PYTHONPATH=.:lambdas python -m tests.sweep [--seed 20] [--models 12] [--write]

| module      | purpose                                                                  |
|-------------|--------------------------------------------------------------------------|
| `zoo`       | the models, each with the data that it was fitted on                     |
| `typed`     | models of columns that JSON has no type for, or that hold gaps           |
| `questions` | rows of that data: alone, in company, with nulls                         |
| `spelling`  | writes a row as a client would                                           |
| `forms`     | writes questions as requests, and reads the answers                      |
| `endpoint`  | publishes models, and answers requests about them                        |
| `outcomes`  | compares an answer with the original's, and counts                       |
| `run`       | asks one model in every form                                             |

The original is asked on rows of its own training data, of the same types. No code of the product
takes part in that.
"""
