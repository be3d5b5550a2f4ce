"""How a trial's figures look and are written: fonts, colours, and SVG, PDF and PNG of one figure with the same bytes for the same numbers.

Sizes in inches; one column of a journal is 3.4, two are 7. Knows nothing of what is drawn.
"""

import base64
import math
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

ACTIVE, REFERENCE, INK, SOFT, RULE = "#1f5fbf", "#b06a00", "#1c2127", "#5c6670", "#c9ced3"
STYLE: dict[str, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["Arial", "Helvetica", "Liberation Sans", "DejaVu Sans"],
    "font.size": 8.5,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "counterpulse",
    "figure.dpi": 100,
}
DPI = 300


def styled() -> Any:
    """The style, as a context to draw and save in."""
    kept = {"font.sans-serif": [name for name in STYLE["font.sans-serif"] if name == "DejaVu Sans" or _known(name)]}
    made: dict[Any, Any] = {**STYLE, **kept}
    return mpl.rc_context(made)


def _known(name: str) -> bool:
    return any(entry.name == name for entry in font_manager.fontManager.ttflist)


def sheet(width: float, height: float) -> Figure:
    """An empty figure, inches."""
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    return figure


def save(figure: Figure, folder: Path, name: str) -> list[str]:
    """Write one figure three times and give the file names."""
    nothing = {"svg": {"Date": None}, "pdf": {"CreationDate": None, "ModDate": None}, "png": {"Software": None}}
    for kind, metadata in nothing.items():
        with styled():
            figure.savefig(folder / f"{name}.{kind}", format=kind, dpi=DPI, metadata=metadata, bbox_inches="tight", pad_inches=0.06, facecolor="white")
    return [f"{name}.{kind}" for kind in nothing]


def embedded(svg: Path, figure: Figure, alt: str) -> str:
    """A written figure as an image inside a page."""
    text = base64.b64encode(svg.read_bytes()).decode()
    return f'<img style="max-width: {figure.get_figwidth() * 120:.0f}px" src="data:image/svg+xml;base64,{text}" alt="{alt}">'


def p_words(p: float) -> str:
    """How a P is read: three decimals below 0.1, else two, `P < 0.001` below that."""
    return "P not available" if not math.isfinite(p) else f"P {p_text(p)}"


def p_text(p: float) -> str:
    """The same without the P: `= 0.45`."""
    if not math.isfinite(p):
        return "–"
    if p < 0.001:
        return "< 0.001"
    if p > 0.99:
        return "> 0.99"
    return f"= {p:.3f}" if p < 0.0995 else f"= {p:.2f}"


def ratio_words(value: float, low: float, high: float) -> str:
    """An effect with its interval, two decimals; a dash where there is none."""
    if not math.isfinite(value):
        return "–"
    return f"{value:.2f} ({_edge(low)} to {_edge(high)})".replace("-", "−")


def _edge(value: float) -> str:
    return f"{value:.2f}" if math.isfinite(value) else ("∞" if value > 0 else "−∞")
