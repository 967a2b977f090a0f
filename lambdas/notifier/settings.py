"""The environment of the notifier."""

from dataclasses import dataclass

from serving.settings.environment import FromEnvironment, log_level, setting


def topic_arn(text: str) -> str:
    """Read an ARN; raises `ValueError` with the allowed form."""
    if not text.startswith("arn:"):
        raise ValueError("the ARN of an SNS topic")
    return text


@dataclass(frozen=True, slots=True)
class NotifySettings(FromEnvironment):
    """Environment of `notifier.handler.handler`."""

    topic_arn: str = setting(topic_arn)
    log_level: str = setting(log_level)
