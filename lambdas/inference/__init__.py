"""The Lambda function behind the REST API."""

from serving import lean_numpy

lean_numpy.load()  # before any module of this package imports NumPy whole
