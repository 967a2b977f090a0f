"""The room for further uploads, so that no more than so many are under way at once."""

from collections.abc import Callable, Collection, Sequence

from serving.records.uploads import Pending
from serving.repository.repository import Repository

POLL_SECONDS = 0.5

# The model and the version that an upload is for; None for a key that names none.
Version = tuple[str, str] | None


class Room:
    """Counts what is under way by the records that its last step removes.

    Args:
        limit: the most uploads that may be under way.
        pause: waits for so many seconds.
    """

    def __init__(
        self,
        repository: Repository,
        under_way: Sequence[Pending],
        limit: int,
        pause: Callable[[float], None],
    ) -> None:
        self._repository = repository
        self._under_way = list(under_way)
        self._limit = limit
        self._pause = pause

    def wait(self, wanted: Collection[Version], has_time: Callable[[], bool]) -> int:
        """Wait until half of the room is free, or the time is over; return how much is.

        It also waits as long as all that is wanted waits for one of the same version.
        """
        while True:
            self._under_way = [p for p in self._under_way if self._repository.is_under_way(p)]
            free = max(self._limit - len(self._under_way), 0)
            can_begin = 2 * free >= self._limit and not self.taken().issuperset(wanted)
            if can_begin or not has_time():
                return free
            self._pause(POLL_SECONDS)

    def taken(self) -> set[Version]:
        """Return the models and versions that were under way when `wait` returned."""
        return {(pending.model, pending.version) for pending in self._under_way}
