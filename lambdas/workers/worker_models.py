"""The models in worker processes: one worker for each version, and one breaker."""

import threading

from workers import zygote_process
from workers.breaker import Breaker
from workers.job import Job
from workers.runtimes import OWN_CODE
from workers.worker_model import WorkerModel

# Frameworks that workers share, by the distribution that brings them. ONNX Runtime isn't among
# them: it starts a thread when it is imported, so each worker imports it for itself.
SHARED = {
    "scikit-learn": "modelmount_compiler.frameworks.sklearn",
    "xgboost-cpu": "modelmount_compiler.frameworks.xgboost",
    "lightgbm": "modelmount_compiler.frameworks.lightgbm",
    "catboost": "modelmount_compiler.frameworks.catboost",
}
MAX_BREAKERS = 10_000


class WorkerModels:
    """Makes models in workers; their breakers outlive them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._breakers: dict[object, Breaker] = {}

    def model(self, key: object, name: str, job: Job, packages: dict[str, str]) -> WorkerModel:
        """Return a model whose worker isn't started yet.

        Args:
            key: the version's identity.
            name: its name in texts.
            packages: the distributions that the model needs.
        """
        modules = tuple(SHARED[name] for name in packages if name in SHARED)
        if job.runtime in ("sklearn", *OWN_CODE):
            modules = (SHARED["scikit-learn"], *modules)
        return WorkerModel(zygote_process.shared(), job, name, modules, self.breaker(key, name))

    def breaker(self, key: object, name: str) -> Breaker:
        """Return the breaker of a version."""
        with self._lock:
            breaker = self._breakers.setdefault(key, Breaker(name))
            while len(self._breakers) > MAX_BREAKERS:
                del self._breakers[next(iter(self._breakers))]
        return breaker

    def is_put_aside(self, key: object) -> bool:
        """Whether a version is put aside just now."""
        breaker = self._breakers.get(key)
        return breaker is not None and breaker.is_open

    def all_bytes(self) -> int:
        """Return the memory of all workers and their parent."""
        return zygote_process.shared().all_bytes()
