"""A QRS told by its first deflection, for who would rather be wrong than late: a balloon that is filled when a beat comes must empty at once.

The detector of R waves (`signals.rwave`) waits for energy; this looks for a slope steeper than a quarter of a usual QRS's and than anything of the
diastoles before (P waves, fibrillating atria, noise: with much noise it falls silent and the detector alone tells). It marks no beat. Reads the detector's
smoothed lead. Units: mV, s.
"""

from counterpulse.kernel import inline, rare
from counterpulse.record import Record
from counterpulse.signals.rwave import PAST, RWave

SPAN_S = 0.016  # over which slopes are taken
OWN_SHARE = 0.25  # of a usual QRS's steepest slope (assumed)
QUIET_TIMES = 1.5  # of the steepest slope between beats (assumed)
KEEP, FORGET = 0.2, 0.9  # gain of the usual QRS; what is kept a beat of the steepest slope between beats
QRS_S = 0.06  # so far around the R wave lies the steepest slope of a QRS
BEFORE_S = 0.12  # and so long before it a wide one may begin
KNOWN = 4  # beats until it speaks


class Early(Record):
    """Slopes over SPAN_S: of a usual QRS, and the steepest between beats."""

    own_mV: float = 0.0
    quiet_mV: float = 0.0
    last_n: int = -100000  # the R wave before
    beats: int = 0


@inline
def slope_mV(r: RWave, at: int) -> float:
    """Change of the smoothed lead over SPAN_S up to working sample `at`."""
    return abs(r.past[at & PAST] - r.past[(at - max(int(SPAN_S / r.work_s + 0.5), 1)) & PAST])


@rare
def learn_early(e: Early, r: RWave) -> None:
    """An R wave has just been marked: take its slope, and the steepest since the T wave of the beat before."""
    near, before = int(QRS_S / r.work_s), int(BEFORE_S / r.work_s)
    own = 0.0
    for at in range(r.last_n - near, min(r.last_n + near, r.now) + 1):
        own = max(own, slope_mV(r, at))
    quiet = 0.0
    since = e.last_n + r.t_wave_n if e.beats > 0 else r.last_n  # of the first beat nobody knows when the one before was
    for at in range(max(since, r.now - PAST + near), r.last_n - before):
        quiet = max(quiet, slope_mV(r, at))
    e.own_mV += max(1.0 / (e.beats + 1), KEEP) * (own - e.own_mV)
    e.quiet_mV = max(quiet, FORGET * e.quiet_mV)
    e.last_n = r.last_n
    e.beats += 1


@inline
def qrs_begins(e: Early, r: RWave) -> bool:
    """Whether the lead now rises or falls as a QRS does, after the T wave of the last one."""
    if e.beats < KNOWN or r.now - r.last_n < r.t_wave_n or r.now < r.quiet_until:
        return False
    return slope_mV(r, r.now) > max(OWN_SHARE * e.own_mV, QUIET_TIMES * e.quiet_mV)


@rare
def forget_early(e: Early) -> None:
    """Another lead: learn it from the start."""
    e.beats = 0
    e.quiet_mV = 0.0
