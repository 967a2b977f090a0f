"""What code in a worker can see and change: nothing of this process, of AWS, or of other models."""

import os
from pathlib import Path

import pytest

from modelmount_compiler.frameworks.program_model import ProgramModel
from tests.lambdas.workers import hostile
from tests.lambdas.workers.conftest import Ask, asker, service_of
from workers.bounds import Bounds

SECRET = "for-this-process-alone"
ROW = [1.0, 1.0]
