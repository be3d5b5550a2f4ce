"""Figures of a page besides the waves: pressure-volume loops, errors over time, counts. Hands plotly's own JSON to the page, colours by role.

Knows arrays, not patients. `page.js` puts the page's colours in (light or dark) where a trace names a role.
"""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray


class Loop(NamedTuple):
    """One pressure-volume loop, mL and mmHg; roles `without` and `with`."""

    name: str
    volume_mL: NDArray[np.float64]
    pressure_mmHg: NDArray[np.float64]
    role: str


def figure(traces: list[dict[str, Any]], x: str, y: str, name: str, height: int = 380, **layout: Any) -> str:
    """One plotly figure as an element of the page; `role` in a trace's meta names its colour."""
    frame = {"xaxis": {"title": {"text": x}}, "yaxis": {"title": {"text": y}}, "height": height, **layout}
    text = json.dumps({"traces": traces, "layout": frame}, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    return f"<div class='figure' id='{name}' data-from='{name}-data'></div><script type='application/json' id='{name}-data'>{text}</script>"


def loops(pairs: Sequence[Loop], name: str = "loops") -> str:
    """Pressure-volume loops in one figure."""
    traces = [
        {"type": "scatter", "mode": "lines", "name": one.name, "x": numbers(one.volume_mL), "y": numbers(one.pressure_mmHg), "meta": one.role} for one in pairs
    ]
    return figure(traces, "volume, mL", "pressure, mmHg", name, height=420)


def errors(times_s: NDArray[np.float64], error_ms: NDArray[np.float64], bands_ms: tuple[float, float], label: str, name: str) -> str:
    """Errors in ms over the recording, with the band that counts as correct."""
    low, high = bands_ms
    trace = {"type": "scatter", "mode": "markers", "name": label, "x": numbers(times_s, 3), "y": numbers(error_ms, 1), "meta": "inflate", "marker": {"size": 5}}
    band = {"type": "rect", "xref": "paper", "x0": 0, "x1": 1, "y0": low, "y1": high, "line": {"width": 0}, "opacity": 0.18, "name": "band"}
    return figure([trace], "time, s", f"{label}, ms", name, height=260, shapes=[band])


def numbers(values: NDArray[np.float64], digits: int = 4) -> list[float | None]:
    """An array as JSON numbers; what is not there is null."""
    return [round(float(value), digits) if np.isfinite(value) else None for value in values]
