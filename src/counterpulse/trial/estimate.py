"""One answer of an analysis: the number, its interval and P, what went into it and how it was made; or a sentence why there is none."""

import math
from typing import Any, NamedTuple

SCALES = {
    "hazard ratio": 1.0,
    "risk ratio": 1.0,
    "odds ratio": 1.0,
    "subdistribution hazard ratio": 1.0,
    "win ratio": 1.0,
    "rate ratio": 1.0,
}


class Estimate(NamedTuple):
    """A result ready for a table: `arms` holds n, events and value of each; NaN stands for what does not exist and leaves as null."""

    id: str
    role: str
    population: str
    endpoint: str
    measure: str
    estimate: float
    lower: float
    upper: float
    p: float
    arms: dict[str, dict[str, float]]
    made: str
    adjusted_for: tuple[str, ...] = ()
    missing: int = 0
    level: float = 0.95
    notes: tuple[str, ...] = ()
    problem: str = ""

    @property
    def null(self) -> float:
        """The value of no effect."""
        return SCALES.get(self.measure, 0.0)

    def as_dict(self) -> dict[str, Any]:
        """The estimate as JSON holds it: absent is None."""
        return {key: plain(value) for key, value in self._asdict().items()}


def plain(value: Any) -> Any:
    """A value as JSON holds it: NaN, infinity and empty text are None."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return None if value == "" else value


def refused(question_id: str, role: str, where: tuple[str, str, str], problem: str) -> Estimate:
    """An answer that does not exist, with its sentence; `where` is (population, endpoint, measure)."""
    return Estimate(question_id, role, *where, math.nan, math.nan, math.nan, math.nan, {}, "", problem=problem)
