"""Waves over time for a page: panels of lines, bands while the balloon is inflated, marks. Packs them; `waves.js` draws and zooms.

Lines travel as 16-bit whole numbers on their own scale (65,534 levels over their span: finer than a screen, coarser than the file); NaN is a gap.
Times in s. Colours are named by role; the page's style gives them, light and dark.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROLES = ("ecg", "pressure", "balloon", "without", "with", "r", "reference", "inflate", "deflate", "other")


@dataclass(frozen=True)
class Line:
    """One trace: `values` at `fs_hz` from `start_s`. `marked`: drawn stronger and in the balloon's colour while inflated."""

    name: str
    values: NDArray[np.float64]
    fs_hz: float
    role: str = "pressure"
    start_s: float = 0.0
    marked: bool = False


@dataclass(frozen=True)
class Dots:
    """Marks at times on the first line of their panel (or at `at` of the panel's height, 0 to 1). `symbol` is one of plotly's."""

    name: str
    times_s: NDArray[np.float64]
    role: str
    symbol: str = "circle"
    at: float | None = None


@dataclass(frozen=True)
class Panel:
    """One picture of the stack; `share` of the height."""

    title: str
    unit: str
    lines: Sequence[Line]
    dots: Sequence[Dots] = ()
    share: float = 1.0


@dataclass(frozen=True)
class Waves:
    """The stack, the spans (start, stop) in which the balloon is inflated, and the seconds shown at first."""

    panels: Sequence[Panel]
    inflated_s: NDArray[np.float64] = field(default_factory=lambda: np.empty((0, 2)))
    window_s: float = 10.0
    from_s: float = 0.0


def packed(values: NDArray[np.float64]) -> dict[str, Any]:
    """Whole numbers in base64 with scale and offset: value = offset + scale x whole; -32768 is a gap."""
    there = np.isfinite(values)
    low, high = (float(values[there].min()), float(values[there].max())) if there.any() else (0.0, 0.0)
    scale = (high - low) / 65534 or 1.0
    whole = np.full(len(values), -32768, "<i2")
    whole[there] = np.rint((values[there] - low) / scale) - 32767
    return {"n": len(values), "scale": scale, "offset": low + 32767 * scale, "data": base64.b64encode(whole.tobytes()).decode()}


def span(values: NDArray[np.float64]) -> list[float]:
    """The range that shows all but the wildest 0.2 % of a trace, with some air."""
    there = values[np.isfinite(values)]
    if len(there) == 0:
        return [0.0, 1.0]
    low, high = (float(edge) for edge in np.percentile(there, [0.1, 99.9]))
    air = 0.08 * (high - low) or 0.5
    return [low - air, high + air]


def section(waves: Waves, name: str = "waves") -> str:
    """The element and the data that `waves.js` turns into a picture with a window to move."""
    data = {
        "window": waves.window_s,
        "from": waves.from_s,
        "inflated": [[round(float(edge), 4) for edge in pair] for pair in waves.inflated_s],
        "panels": [_panel(panel) for panel in waves.panels],
    }
    text = json.dumps(data, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    return (
        f"<div class='waves' id='{name}' data-from='{name}-data'><div class='bar'></div><div class='plot'></div>"
        f"<canvas class='overview' height='56' tabindex='0' aria-label='whole recording: drag to move the window'></canvas></div>"
        f"<script type='application/json' id='{name}-data'>{text}</script>"
    )


def _panel(panel: Panel) -> dict[str, Any]:
    spans = [span(line.values) for line in panel.lines]
    return {
        "title": panel.title,
        "unit": panel.unit,
        "share": panel.share,
        "range": [min(low for low, _ in spans), max(high for _, high in spans)],
        "lines": [
            {"name": line.name, "role": line.role, "fs": line.fs_hz, "start": line.start_s, "marked": line.marked, **packed(line.values)}
            for line in panel.lines
        ],
        "dots": [
            {"name": dots.name, "role": dots.role, "symbol": dots.symbol, "at": dots.at, "t": [round(float(t), 4) for t in dots.times_s]}
            for dots in panel.dots
        ],
    }
