"""The first day with an account: a throw-away stage is deployed, tried, measured and destroyed.

docs/first-deploy.md has the checks as a table.
"""
