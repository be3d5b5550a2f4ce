"""Reads the balloon-pressure waveform cycle by cycle and keeps the helium books. Knows neither heart nor timing, only drive and vacuum.

Landmarks as pump.md 1.3 names them: baseline, peak of the inflation overshoot, plateau, deflation undershoot, width. The books: the gas behind
the membrane is taken from the baseline (isothermal, `Settings.circuit_mL`), against what it was after the last fill. Units: mmHg, mL, s.
"""

from counterpulse.kernel import inline
from counterpulse.record import Record

ATMOSPHERE_mmHg = 760.0
OVERSHOOT_S = 0.12  # the overshoot is looked for this long after the command to drive; pump.md 1.3: 20-40 ms wide, after a fill of 80-150 ms
UNDERSHOOT_S = 0.25
REFILL_BELOW_mmHg = 5.0  # the baseline may fall so far before helium is asked for (assumed; pump.md 1.3: baseline 10-15, leak = falling)
REFILL_EVERY_S = 7200.0  # pump.md 1.4: about every 2 h
MOST_FILL_mL = 5.0  # at one request (assumed)
SETTLED_CYCLES = 8  # baseline of a circuit that has just been filled


class Gas(Record):
    """Landmarks of the last whole cycle, and the books."""

    baseline_mmHg: float = 0.0  # just before the last command to drive
    peak_mmHg: float = 0.0
    plateau_mmHg: float = 0.0
    undershoot_mmHg: float = 0.0
    width_s: float = 0.0
    cycles: int = 0
    reference_mmHg: float = 0.0  # baseline after the last fill
    reference_cycles: int = 0
    lost_mL: float = 0.0  # since the last fill, from the baseline; negative = gained
    filled_mL: float = 0.0  # asked for since the start
    filled_at: int = 0
    fills: int = 0
    rest_mmHg: float = 0.0  # followed between cycles
    rest_n: int = 0
    top_mmHg: float = 0.0  # of the cycle under way
    level_mmHg: float = 0.0
    level_n: int = 0
    bottom_mmHg: float = 0.0


@inline
def watch_filled(g: Gas, p: float, since_s: float) -> None:
    """One sample `since_s` after the command to drive."""
    if not (-500.0 < p < 900.0):
        return
    if since_s < OVERSHOOT_S:
        g.top_mmHg = max(g.top_mmHg, p)
    elif g.level_n == 0:
        g.level_mmHg = p
        g.level_n = 1
    else:
        g.level_mmHg += 0.1 * (p - g.level_mmHg)


@inline
def watch_empty(g: Gas, p: float, since_s: float) -> None:
    """One sample `since_s` after the command to vacuum."""
    if not (-500.0 < p < 900.0):
        return
    if since_s < UNDERSHOOT_S:
        g.bottom_mmHg = min(g.bottom_mmHg, p)
    if g.rest_n == 0 or since_s < 0.5 * UNDERSHOOT_S:
        g.rest_mmHg = p
        g.rest_n = 1
    else:
        g.rest_mmHg += 0.1 * (p - g.rest_mmHg)


@inline
def begin_drive(g: Gas) -> None:
    """A cycle begins: what was followed since the last one is its undershoot and its baseline."""
    if g.rest_n == 0:
        g.rest_mmHg = 0.0
    if g.cycles > 0:
        g.undershoot_mmHg = g.bottom_mmHg
    g.baseline_mmHg = g.rest_mmHg
    g.top_mmHg = g.rest_mmHg
    g.level_n = 0


@inline
def begin_vacuum(g: Gas, width_s: float) -> None:
    """The inflated part is over: its peak and plateau stand."""
    g.peak_mmHg = g.top_mmHg
    g.plateau_mmHg = g.level_mmHg if g.level_n > 0 else g.top_mmHg
    g.width_s = width_s
    g.bottom_mmHg = 900.0
    g.cycles += 1


@inline
def keep_books(g: Gas, count: int, fs_hz: float, circuit_mL: float) -> float:
    """Once per cycle, before it is driven: compare the baseline with that after the last fill. Return the helium to add, mL (0 = none)."""
    if g.rest_n == 0:
        return 0.0
    if g.reference_cycles < SETTLED_CYCLES:
        g.reference_cycles += 1
        g.reference_mmHg += (g.baseline_mmHg - g.reference_mmHg) / g.reference_cycles
        return 0.0
    missing = (g.reference_mmHg - g.baseline_mmHg) * circuit_mL / ATMOSPHERE_mmHg
    g.lost_mL += 0.1 * (missing - g.lost_mL)
    due = count - g.filled_at > REFILL_EVERY_S * fs_hz
    if g.lost_mL < REFILL_BELOW_mmHg * circuit_mL / ATMOSPHERE_mmHg and not due:
        return 0.0
    fill = min(max(g.lost_mL, 0.0), MOST_FILL_mL)
    g.filled_at = count
    g.fills += 1
    g.filled_mL += fill
    g.lost_mL = 0.0
    return fill
