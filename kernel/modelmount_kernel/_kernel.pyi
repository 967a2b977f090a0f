from collections.abc import Buffer

class Forest:
    def __init__(
        self,
        nodes: Buffer,
        trees: int,
        width: int,
        outputs: int,
        *,
        values: Buffer | None = None,
        targets: Buffer | None = None,
        categories: Buffer | None = None,
        cells: Buffer | None = None,
        single: bool = False,
        refuses_missing: bool = False,
        refuses_infinite: bool = False,
    ) -> None: ...
    def add(self, x: Buffer, out: Buffer, /) -> None: ...

def matrix(instances: list[object], out: Buffer, allows_missing: bool, /) -> None: ...
