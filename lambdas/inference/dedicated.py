"""Entry point of a dedicated model's function: an API Gateway proxy event in, an answer out."""

import logging

from inference.one_model import OneModelHandler
from inference.settings import DedicatedSettings

settings = DedicatedSettings.from_env()
logging.getLogger().setLevel(settings.log_level)
handler = OneModelHandler(settings)
