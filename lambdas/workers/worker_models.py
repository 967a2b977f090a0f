"""The models in worker processes: one worker for each version, and one breaker."""

import threading
from pathlib import Path

from workers import zygotes
from workers.breaker import Breaker, Rest, Versioned
from workers.job import Job
from workers.runtimes import OWN_CODE
from workers.worker_model import WorkerModel

# Modules that the workers of an environment share, by the distribution that brings them. ONNX
# Runtime isn't among them: it starts a thread when it is imported.
SHARED = {
    "scikit-learn": "modelmount_compiler.frameworks.sklearn",
    "xgboost": "modelmount_compiler.frameworks.xgboost",
    "xgboost-cpu": "modelmount_compiler.frameworks.xgboost",
    "lightgbm": "modelmount_compiler.frameworks.lightgbm",
    "catboost": "modelmount_compiler.frameworks.catboost",
    "imbalanced-learn": "imblearn",
    "category-encoders": "category_encoders",
    "feature-engine": "feature_engine",
    "mlxtend": "mlxtend",
    "sklearn-pandas": "sklearn_pandas",
    "skrub": "skrub",
    "statsmodels": "statsmodels.api",
    "torch": "torch",
}
MAX_BREAKERS = 10_000


class WorkerModels:
    """Makes models in workers; their breakers outlive them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._breakers: dict[Versioned, Breaker] = {}

    def model(
        self, key: Versioned, name: str, job: Job, packages: dict[str, str], python: Path
    ) -> WorkerModel:
        """Return a model whose worker isn't started yet.

        Args:
            key: the version's identity.
            name: its name in texts.
            packages: the distributions that the model needs.
            python: the interpreter of its environment.
        """
        modules = [SHARED[name] for name in packages if name in SHARED]
        if job.runtime in ("sklearn", *OWN_CODE):
            modules.insert(0, SHARED["scikit-learn"])
        if job.signature.input == "frame":
            modules.append("pandas")
        return WorkerModel(python, job, name, tuple(modules), self.breaker(key, name))

    def breaker(self, key: Versioned, name: str) -> Breaker:
        """Return the breaker of a version."""
        with self._lock:
            breaker = self._breakers.setdefault(key, Breaker(name, key))
            while len(self._breakers) > MAX_BREAKERS:
                del self._breakers[next(iter(self._breakers))]
        return breaker

    def rest(self, key: Versioned) -> Rest | None:
        """Return the rest of a version that is put aside just now; else None."""
        breaker = self._breakers.get(key)
        return None if breaker is None else breaker.rest

    def all_bytes(self) -> int:
        """Return the memory of all workers and their parents."""
        return zygotes.shared().all_bytes()

    def let_go(self) -> bool:
        """End parents of workers that are unused; return whether there were any."""
        return zygotes.shared().let_go()
