"""Lessons to choose from. Reads files, knows no web."""

from typing import Any


def listed() -> list[dict[str, Any]]:
    """What the start page shows."""
    return []
