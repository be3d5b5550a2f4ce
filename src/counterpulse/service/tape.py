"""The last stretch of rows of a run, in order: room is taken once, old rows fall off. Knows lengths, not what a row is. Counts are samples of the run."""

from typing import Any

import numpy as np


class Tape:
    """Keeps the last `length` rows given to it; `end` is the number of the sample after the last."""

    def __init__(self, length: int, like: Any, end: int = 0) -> None:
        self.length, self.end, self._at = length, end, 0
        self._rows = np.zeros((length + length // 4 + 1, *like.shape[1:]), like.dtype)
        if isinstance(like, np.recarray):
            self._rows = self._rows.view(np.recarray)

    def add(self, rows: Any) -> None:
        """Append rows, the newest last."""
        self.end += len(rows)
        rows = rows[-self.length :]
        if self._at + len(rows) > len(self._rows):
            keep = max(min(self.length - len(rows), self._at), 0)
            self._rows[:keep] = self._rows[self._at - keep : self._at].copy()
            self._at = keep
        self._rows[self._at : self._at + len(rows)] = rows
        self._at += len(rows)

    @property
    def first(self) -> int:
        """Number of the oldest sample that is still there."""
        return self.end - min(self._at, self.length)

    def between(self, start: int, stop: int) -> Any:
        """Rows of samples `start` to `stop` (without), as far as they are there."""
        start, stop = max(start, self.first), min(stop, self.end)
        zero = self.end - self._at
        return self._rows[start - zero : max(stop, start) - zero]

    def last(self, count: int) -> Any:
        """The newest `count` rows, or as many as there are."""
        return self.between(self.end - count, self.end)
