"""The room for further uploads, so that no more than so many are under way at once."""

from collections.abc import Callable, Sequence

from serving.records.uploads import Pending
from serving.repository.repository import Repository

POLL_SECONDS = 2.0


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

    def wait(self, has_time: Callable[[], bool]) -> int:
        """Wait until half of the room is free, or the time is over; return how much is."""
        while True:
            self._under_way = [p for p in self._under_way if self._repository.is_under_way(p)]
            free = max(self._limit - len(self._under_way), 0)
            if 2 * free >= self._limit or not has_time():
                return free
            self._pause(POLL_SECONDS)

    def taken(self) -> set[tuple[str, str]]:
        """Return the models and versions that were under way when `wait` returned."""
        return {(pending.model, pending.version) for pending in self._under_way}
