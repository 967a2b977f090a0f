"""`preparation.describe` with the light runtime.

python -m tests.lambdas.crash.kills.light_child PATH FORMAT
"""

import sys
from pathlib import Path

from preparation import describe
from tests.lambdas.crash.kills import light_runtime

if __name__ == "__main__":
    sys.modules["modelmount_compiler.frameworks.sklearn"] = light_runtime
    describe.main(Path(sys.argv[1]), sys.argv[2])
