"""`preparer.child` with the light runtime.

python -m tests.lambdas.crash.light_child PATH FORMAT
"""

import sys
from pathlib import Path

from preparer import child
from tests.lambdas.crash import light_runtime

if __name__ == "__main__":
    sys.modules["serving.runtimes.sklearn"] = light_runtime
    child.main(Path(sys.argv[1]), sys.argv[2])
