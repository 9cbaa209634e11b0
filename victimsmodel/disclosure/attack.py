"""What can be computed about hidden counts from all that is shown: integer programming bounds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from victimsmodel.disclosure.cells import Cell, Sum

Range = tuple[float, float]
_FREE: Range = (0.0, np.inf)


class Attack:
    """Bounds of cells given sums and the range that each cell is known to lie in.

    A hidden count lies between the minimum and the maximum of its cell over all whole numbers that agree
    with everything shown (the intruder's problem: Fischetti and Salazar 2001, Management Science 47,
    1008-1027); solved by HiGHS.

    Parameters
    ----------
    sums : sequence of Sum
    ranges : mapping
        Least and most of each cell; others are at least 0.
    small : frozenset of Cell
        Those of the ranges that are hidden because they are small.
    """

    def __init__(
        self, sums: Sequence[Sum], ranges: Mapping[Cell, Range], small: frozenset[Cell] = frozenset()
    ) -> None:
        self.small = small
        self.sums = list(dict.fromkeys(sums))
        self.ranges = dict(ranges)
        self._touching: dict[Cell, list[int]] = defaultdict(list)
        for i, s in enumerate(self.sums):
            for cell in (s.total, *s.parts):
                self._touching[cell].append(i)
        self.seen: dict[Cell, list[float]] = {}  # least and most found in any solution

    def range_of(self, cell: Cell) -> Range:
        """Return what a cell is known to lie in before anything is computed."""
        return self.ranges.get(cell, _FREE)

    def note(self, solution: Mapping[Cell, float]) -> None:
        """Take in numbers that agree with everything shown: each widens what cells are known to allow."""
        for cell, value in solution.items():
            known = self.seen.setdefault(cell, [value, value])
            known[0], known[1] = min(known[0], value), max(known[1], value)

    def width_seen(self, cell: Cell) -> float:
        """Return how many values a cell has been seen to have."""
        low, high = self.seen.get(cell, (0.0, -1.0))
        return high - low + 1

    def around(self, cell: Cell) -> tuple[list[Cell], list[Sum]]:
        """Return the cells that are tied to one by sums, through cells that are not known, nearest first."""
        cells, used, queue = [cell], dict[int, None](), [cell]
        found = {cell}
        while queue:
            here = queue.pop(0)
            for i in self._touching[here]:
                if i in used:
                    continue
                used[i] = None
                for other in (self.sums[i].total, *self.sums[i].parts):
                    if other in found:
                        continue
                    found.add(other)
                    cells.append(other)
                    low, high = self.range_of(other)
                    if low < high:
                        queue.append(other)
        return cells, [self.sums[i] for i in used]

    def bounds(self, cell: Cell) -> Range:
        """Return the least and the most that a cell can be.

        Raises
        ------
        ValueError
            If nothing agrees with what is shown.
        """
        cells, sums = self.around(cell)
        low = self._solve(cells, sums, 1.0)
        return low, self._solve(cells, sums, -1.0)

    def _solve(self, cells: Sequence[Cell], sums: Sequence[Sum], sign: float) -> float:
        """Return the extreme of the first cell, and note the solution."""
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import csr_array

        place = {cell: i for i, cell in enumerate(cells)}
        ranges = np.array([self.range_of(cell) for cell in cells])
        entries = [(r, place[p], 1.0) for r, s in enumerate(sums) for p in s.parts]
        entries += [(r, place[s.total], -1.0) for r, s in enumerate(sums)]
        rest = np.array([-s.rest for s in sums], np.float64)
        constraints = []
        if sums:
            rows, columns, numbers = zip(*entries, strict=True)
            matrix = csr_array((numbers, (rows, columns)), shape=(len(sums), len(cells)))
            constraints = [LinearConstraint(matrix, rest, rest)]
        objective = np.zeros(len(cells))
        objective[0] = sign
        found = milp(
            objective,
            constraints=constraints,
            bounds=Bounds(ranges[:, 0], ranges[:, 1]),
            integrality=np.ones(len(cells)),
        )
        if found.status == 3 or (found.status == 4 and sign < 0):  # no bound
            return np.inf
        if found.x is None:
            raise ValueError("what is shown contradicts itself")
        self.note(dict(zip(cells, np.round(found.x), strict=True)))
        return float(np.round(found.x[0]))
