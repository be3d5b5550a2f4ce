"""Recordings to choose from. Knows a folder, no web."""

from pathlib import Path
from typing import Any

KINDS = (".hea", ".edf", ".bdf", ".csv", ".parquet")


def listed(folder: Path) -> list[dict[str, Any]]:
    """The recordings below a folder."""
    files = sorted(file for kind in KINDS for file in folder.rglob(f"*{kind}"))
    return [{"recording": file.relative_to(folder).as_posix()} for file in files[:500]]
