"""Recompute every function against the shipped reference numbers and say how far apart they are. Knows no estimator by itself.

The difference of two numbers is |ours - R's| / |R's|, with 1e-6 in place of an R value nearer to zero. Where R gives no number (a coefficient that
runs to infinity, an undefined limit) ours must be absent too; where only one side has a number the difference is infinite.
"""

import hashlib
import json
import math
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from counterpulse import __version__
from counterpulse.refusal import RefusalError
from counterpulse.stats.recomputed import RECOMPUTED, Numbers, recompute

FOLDER = Path(__file__).parent / "references"
FILES = ("counts.json", "values.json", "survival.json", "cox.json", "competing.json")
GOAL = 1e-8
NEAR_ZERO = 1e-6


@dataclass(frozen=True)
class Line:
    """One function: how many sets and numbers were compared, the largest difference, and where it stands."""

    function: str
    package: str
    version: str
    call: str
    sets: int
    skipped: int
    refused: int
    numbers: int
    largest: float
    worst_set: int | None
    passed: bool


def difference(ours: float | None, theirs: float | None) -> float:
    """Relative difference as the module says."""
    if ours is None or theirs is None:
        return 0.0 if ours is None and theirs is None else math.inf
    return abs(ours - theirs) / max(abs(theirs), NEAR_ZERO)


def load(folder: Path = FOLDER) -> dict[str, Any]:
    """Reference functions by name, of every file. Raises RefusalError for a missing or broken file."""
    functions: dict[str, Any] = {}
    for name in FILES:
        path = folder / name
        try:
            functions |= json.loads(path.read_text())["functions"]
        except (OSError, ValueError, KeyError) as problem:
            raise RefusalError(f"The reference file {name} cannot be read ({type(problem).__name__}); make it with scripts/references/run.sh.") from None
    return functions


def compare(name: str, reference: dict[str, Any]) -> Line:
    """One function on all its sets; a set that R does not give is skipped, one that we refuse counts as refused and fails."""
    largest, worst, numbers, skipped, refused = 0.0, None, 0, 0, 0
    for number, theirs in enumerate(reference["values"]):
        if not theirs:
            skipped += 1
            continue
        theirs = theirs if isinstance(theirs, list) else [theirs]  # noqa: PLW2901 - R unboxes a single number
        try:
            gap = _gap(recompute(name, number), theirs)
        except RefusalError:
            if any(value is not None for value in theirs):
                refused += 1
            continue
        numbers += len(theirs)
        if gap > largest:
            largest, worst = gap, number
    sets = len(reference["values"]) - skipped
    passed = largest <= GOAL and not refused and numbers > 0
    return Line(name, reference["package"], reference["version"], reference["call"], sets, skipped, refused, numbers, largest, worst, passed)


def _gap(ours: Numbers, theirs: Numbers) -> float:
    if len(ours) != len(theirs):
        return math.inf
    return max(map(difference, ours, theirs))


def qualify(folder: Path = FOLDER) -> list[Line]:
    """Every function that has reference numbers. Raises RefusalError when a function and the files do not match."""
    references = load(folder)
    unknown = sorted(set(references) ^ set(RECOMPUTED))
    if unknown:
        raise RefusalError(f"The reference files and the estimators do not match: {', '.join(unknown)} stands on one side only.")
    return [compare(name, references[name]) for name in sorted(references)]


def circumstances(folder: Path = FOLDER) -> dict[str, Any]:
    """What a filed report must name: versions, machine, date, and SHA-256 of the reference files and of every source of the estimators."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return {
        "date_utc": datetime.now(UTC).isoformat(timespec="seconds"),
        "counterpulse": __version__,
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
        "packages": {name: version(name) for name in ("numpy", "scipy", "numba")},
        "references_sha256": {name: _sha256(folder / name) for name in FILES},
        "sources_sha256": {path.name: _sha256(path) for path in sources},
        "goal_relative": GOAL,
    }


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
