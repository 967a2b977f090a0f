"""The Lambda function behind the REST API."""

from inference import lean_numpy

lean_numpy.load()  # before any module of this package imports all of NumPy
