"""The account, region and credentials of everything here."""

ACCOUNT = "123456789012"  # moto's own, so that queue ARNs agree
REGION = "us-east-1"
ACCESS_KEY = "local"
SECRET_KEY = "local"  # noqa: S105 the local S3 server checks no signature
