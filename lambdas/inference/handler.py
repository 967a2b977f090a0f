"""Entry point of the inference function: an API Gateway proxy event in, an answer out."""

import logging

from inference.proxy import Handler
from inference.settings import InferenceSettings

settings = InferenceSettings.from_env()
logging.getLogger().setLevel(settings.log_level)
handler = Handler.from_settings(settings)
