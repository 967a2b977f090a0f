"""The environment of the container: SageMaker's own variables, and a few of Modelmount's."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from serving.settings.environment import (
    FromEnvironment,
    directory,
    names,
    positive,
    seconds,
    setting,
    whole,
)

# Values of variables that aren't set.
DEFAULTS = {
    "SAGEMAKER_BIND_TO_PORT": "8080",
    "SAGEMAKER_CONTAINER_LOG_LEVEL": "20",
    "SAGEMAKER_MODEL_SERVER_WORKERS": "0",
    "SAGEMAKER_MULTI_MODEL": "false",
    "SAGEMAKER_PROGRAM": "inference.py",
    "MODELMOUNT_ALLOWED_ORIGINS": "*",
    "MODELMOUNT_ALLOW_INSTALL": "false",
    "MODELMOUNT_COMPILE_SECONDS": "30",
    "MODELMOUNT_DRAIN_SECONDS": "25",
    "MODELMOUNT_HOST": "0.0.0.0",  # noqa: S104 (SageMaker asks from outside of the container)
    "MODELMOUNT_MAX_BATCH": "64",
    "MODELMOUNT_MAX_BATCH_DELAY_SECONDS": "0.005",
    "MODELMOUNT_MAX_PAYLOAD_BYTES": str(25 * 1024 * 1024),
    "MODELMOUNT_MEMORY_MB": "0",
    "MODELMOUNT_MODEL_DIR": "/opt/ml/model",
    "MODELMOUNT_PREDICT_SECONDS": "55",  # SageMaker waits for 60
    "MODELMOUNT_THREADS": "0",
    "MODELMOUNT_SCRATCH_DIR": "/tmp/modelmount",  # noqa: S108 (all that is writable)
    "MODELMOUNT_TRUSTED_FORMATS": "joblib,pickle",
}


def truth(text: str) -> bool:
    """Read true or false; raises `ValueError` with what is allowed."""
    if text.lower() not in ("true", "false", "1", "0"):
        raise ValueError("true or false")
    return text.lower() in ("true", "1")


@dataclass(frozen=True, slots=True)
class ContainerSettings(FromEnvironment):
    """The settings of the server.

    Attributes:
        port: where it listens.
        host: the address that it listens on; SageMaker asks from outside of the container.
        log_level: a number of Python's logging.
        workers: processes that serve; 0: one for each GPU, or else for each processor.
        multi_model: whether SageMaker says which models to load.
        program: the script in `code/` that has the functions of script mode.
        allowed_origins: origins whose pages may ask (CORS); `*` allows all.
        allow_install: whether `code/requirements.txt` is installed at start.
        compile_seconds: most time for compiling a model before it serves; 0 for none.
        drain_seconds: how long requests may take after SIGTERM; SageMaker kills after 30.
        max_batch: the most requests that a slow model answers together; 1 for none.
        max_batch_delay: seconds that one may wait for others, where there were others lately.
        max_payload_bytes: the largest body of a request or of an answer.
        memory_mb: MiB for models and all else; 0: the memory of the container.
        predict_seconds: most time for the answer of a model that isn't compiled.
        threads: threads of text generation on processors; 0: the processors, divided among workers.
        scratch_dir: for compiled forms and installed packages.
    """

    port: int = setting(positive, given_by_lambda="SAGEMAKER_BIND_TO_PORT")
    host: str = setting(str, given_by_lambda="MODELMOUNT_HOST")
    log_level: int = setting(whole, given_by_lambda="SAGEMAKER_CONTAINER_LOG_LEVEL")
    workers: int = setting(whole, given_by_lambda="SAGEMAKER_MODEL_SERVER_WORKERS")
    multi_model: bool = setting(truth, given_by_lambda="SAGEMAKER_MULTI_MODEL")
    program: str = setting(str, given_by_lambda="SAGEMAKER_PROGRAM")
    allowed_origins: tuple[str, ...] = setting(names, given_by_lambda="MODELMOUNT_ALLOWED_ORIGINS")
    allow_install: bool = setting(truth, given_by_lambda="MODELMOUNT_ALLOW_INSTALL")
    compile_seconds: int = setting(whole, given_by_lambda="MODELMOUNT_COMPILE_SECONDS")
    drain_seconds: int = setting(whole, given_by_lambda="MODELMOUNT_DRAIN_SECONDS")
    max_batch: int = setting(positive, given_by_lambda="MODELMOUNT_MAX_BATCH")
    max_batch_delay: float = setting(seconds, given_by_lambda="MODELMOUNT_MAX_BATCH_DELAY_SECONDS")
    max_payload_bytes: int = setting(positive, given_by_lambda="MODELMOUNT_MAX_PAYLOAD_BYTES")
    memory_mb: int = setting(whole, given_by_lambda="MODELMOUNT_MEMORY_MB")
    threads: int = setting(whole, given_by_lambda="MODELMOUNT_THREADS")
    predict_seconds: float = setting(seconds, given_by_lambda="MODELMOUNT_PREDICT_SECONDS")
    model_dir: Path = setting(directory, given_by_lambda="MODELMOUNT_MODEL_DIR")
    scratch_dir: Path = setting(directory, given_by_lambda="MODELMOUNT_SCRATCH_DIR")
    trusted_formats: tuple[str, ...] = setting(names, given_by_lambda="MODELMOUNT_TRUSTED_FORMATS")


def read(environ: Mapping[str, str] = os.environ) -> ContainerSettings:
    """Read the settings; raises `SettingsError` as `from_env` does."""
    return ContainerSettings.from_env({**DEFAULTS, **environ})
