"""Entry point of the proxy: an API Gateway proxy event in, SageMaker's answer out."""

import logging

import boto3
from botocore.config import Config

from sagemaker_proxy.proxy import Proxy
from sagemaker_proxy.settings import ProxySettings

settings = ProxySettings.from_env()
logging.getLogger().setLevel(settings.log_level)
# Two seconds before API Gateway and Lambda give up, so that the caller is told why. One attempt:
# a model that took too long would only be asked for the same again.
PATIENCE = Config(connect_timeout=2, read_timeout=27, retries={"total_max_attempts": 1})
handler = Proxy(
    settings,
    boto3.client("sagemaker-runtime", config=PATIENCE),
    # A trap: URLs signed for the global address redirect for a new bucket elsewhere, and a
    # signature holds for one address. The regional one with SigV4 holds at once.
    boto3.client("s3", config=Config(signature_version="s3v4", s3={"addressing_style": "virtual"})),
)
