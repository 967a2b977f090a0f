"""Lambda: functions run as processes under the real runtime client."""
