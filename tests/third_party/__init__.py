"""Third-party libraries, tried inside an environment that has them.

The suite's own environment hasn't got them. So `judge` runs in one process of the environment
`extras`, and reports as JSON; the tests read the report.
"""
