"""Entry point of the proxy: answers API Gateway's proxy events from SageMaker."""

import logging

import boto3
from botocore.config import Config

from sagemaker_proxy.proxy import Proxy
from sagemaker_proxy.settings import ProxySettings

settings = ProxySettings.from_env()
logging.getLogger().setLevel(settings.log_level)
# The read timeout ends two seconds before API Gateway and Lambda give up, so that the caller is
# told why. There is one attempt, since a slow model would only be asked the same again.
PATIENCE = Config(connect_timeout=2, read_timeout=27, retries={"total_max_attempts": 1})
handler = Proxy(
    settings,
    boto3.client("sagemaker-runtime", config=PATIENCE),
    # A trap: a URL signed for the global address is redirected for a new bucket elsewhere, and a
    # signature holds for one address only. A regional address with SigV4 works at once.
    boto3.client("s3", config=Config(signature_version="s3v4", s3={"addressing_style": "virtual"})),
)
