"""The flow of participants after CONSORT 2025: screened, excluded with reasons, randomised, received, followed, analysed. Counts of people."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from counterpulse.report.trial_ink import INK, SOFT, sheet, styled

REASONS_SHOWN = 5


def flow_figure(flow: dict[str, Any], arms: tuple[str, str]) -> Figure:
    """The flow diagram; `arms` are (active, reference). What the data do not hold is left out, not guessed."""
    with styled():
        figure = sheet(7.0, 6.4)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.axis("off")
        axes.set_xlim(0, 100)
        axes.set_ylim(100, 0)
        if flow["screened"] is not None:
            _box(axes, (50, 6), (34, 7), [f"Assessed for eligibility (n = {flow['screened']})"])
            _arrow(axes, (50, 9.5), (50, 36))
            if flow["excluded"]:
                _excluded(axes, flow["excluded"])
        _box(axes, (50, 39.5), (30, 7), [f"Randomised (n = {flow['randomised']})"])
        for x, arm in zip((24, 76), arms, strict=True):
            _arm(axes, x, arm, flow)
        for y, word in ((7, "Enrolment"), (57.5, "Allocation"), (74.5, "Follow-up"), (91.5, "Analysis")):
            axes.text(0.8, y, word, rotation=90, ha="left", va="center", fontsize=8, color=SOFT, fontweight="bold")
    return figure


def _excluded(axes: Axes, reasons: dict[str, int]) -> None:
    shown = list(reasons.items())[:REASONS_SHOWN]
    rest = sum(reasons.values()) - sum(n for _, n in shown)
    lines = [f"Excluded (n = {sum(reasons.values())})", *(f"• {reason} (n = {n})" for reason, n in shown)]
    lines += [f"• other (n = {rest})"] if rest else []
    height = 3.1 * len(lines) + 1.6
    _box(axes, (78.5, 11 + height / 2), (39, height), lines, left=True)
    _arrow(axes, (50, 11 + height / 2), (59, 11 + height / 2))


def _arm(axes: Axes, x: float, arm: str, flow: dict[str, Any]) -> None:
    held = flow["arms"][arm]
    axes.plot([50, x], [46.5, 46.5], color=INK, linewidth=0.9)
    axes.plot([50, 50], [43, 46.5], color=INK, linewidth=0.9)
    _arrow(axes, (x, 46.5), (x, 51))
    _box(axes, (x, 57.5), (42, 13), [f"Allocated to {arm} (n = {held['randomised']})", f"• received it (n = {held['received_assigned']})",
                                   f"• received the other (n = {held['received_other']})"], left=True)
    _arrow(axes, (x, 64), (x, 69.5))
    horizon = f" before day {flow['horizon_d']:g}" if flow["horizon_d"] else ""
    _box(axes, (x, 74.5), (42, 10), [f"Lost to follow-up{horizon}", f"without an event (n = {held['lost_before_horizon']})"], left=True)
    _arrow(axes, (x, 79.5), (x, 85))
    _box(axes, (x, 91.5), (42, 13), [f"Intention to treat (n = {held['analysed_itt']})", f"Per protocol (n = {held['analysed_per_protocol']})",
                                   f"Safety (n = {held['analysed_safety']})"], left=True)


def _box(axes: Axes, middle: tuple[float, float], size: tuple[float, float], lines: list[str], *, left: bool = False) -> None:
    (x, y), (width, height) = middle, size
    axes.add_patch(_rectangle(x, y, width, height))
    for place, line in enumerate(lines):
        offset = (place - (len(lines) - 1) / 2) * 3.1
        axes.text(x - width / 2 + 2 if left else x, y + offset, line, ha="left" if left else "center", va="center", fontsize=8.5)


def _rectangle(x: float, y: float, width: float, height: float) -> Any:
    from matplotlib.patches import Rectangle  # noqa: PLC0415 - drawn here only

    return Rectangle((x - width / 2, y - height / 2), width, height, fill=False, edgecolor=INK, linewidth=0.9)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate("", xy=end, xytext=start, arrowprops={"arrowstyle": "-|>", "color": INK, "linewidth": 0.9, "shrinkA": 0, "shrinkB": 0})
