"""What every estimator hands back: numbers that carry how they were made. Knows no estimator.

Every result prints itself with variant, ties, interval, denominators, missing and sides, and turns into JSON with absent as None, never NaN.
"""

import math
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

MADE = ("variant", "ties", "interval", "level", "sided", "denominators", "missing", "notes")
SHOWN = 6


@dataclass(frozen=True, kw_only=True, eq=False)
class Result:
    """How a number was made; the estimators add the numbers. `missing` counts rows left out because a value was absent."""

    method: str
    variant: str | None = None
    ties: str | None = None
    interval: str | None = None
    level: float | None = None
    sided: str | None = None
    denominators: dict[str, float] = field(default_factory=dict)
    missing: int = 0
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain lists, numbers, strings and None: what JSON can hold. NaN and infinities become None."""
        return {item.name: plain(getattr(self, item.name)) for item in fields(self) if item.repr}

    def made(self) -> str:
        """One line: every choice that went into the numbers; what does not apply is named as such."""
        return "; ".join(f"{name} {_words(getattr(self, name))}" for name in MADE)

    def __str__(self) -> str:
        numbers = [item.name for item in fields(self) if item.repr and item.name not in (*MADE, "method")]
        lines = [f"  {name.replace('_', ' ')}: {_words(getattr(self, name))}" for name in numbers]
        return "\n".join([self.method, *lines, f"  [{self.made()}]"])


def plain(value: Any) -> Any:
    """Any value of a result as JSON can hold it."""
    if isinstance(value, Result):
        return value.as_dict()
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | list | tuple):
        return [plain(item) for item in (value.tolist() if isinstance(value, np.ndarray) else value)]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value


def _words(value: Any) -> str:
    if value is None or (isinstance(value, dict | tuple) and not value):
        return "not applicable" if value is None else "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | np.floating):
        return f"{value:.6g}"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_words(item)}" for key, item in value.items())
    if isinstance(value, np.ndarray | list | tuple):
        flat = list(np.asarray(value, dtype=object).ravel())
        tail = f" … ({len(flat)} values)" if len(flat) > SHOWN else ""
        return ", ".join(_words(item) for item in flat[:SHOWN]) + tail
    return str(value)
