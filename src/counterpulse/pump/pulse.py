"""What the arterial pressure does with and without the balloon: is there a pulse of the heart's own, how high is it augmented. Knows no ECG.

The balloon's stretch runs from its effect to its emptying, both moved by the source's delay; a rise outside it is the heart's. Units: mmHg, s.
"""

from counterpulse.kernel import inline
from counterpulse.record import Record

SMOOTH_S = 0.03
PULSE_mmHg = 6.0  # a rise of so much without the balloon is a pulse; breathing moves the pressure by about 3 (assumed)
SETTLING_STAYS, SETUP_STAYS = 8, 24  # augmentation at set-up: mean of the stays between these (assumed)
PULSELESS_BEATS = 3  # triggers without a pulse after which the balloon rests, so that it neither beats alone nor hides that nothing else does (assumed)
RR_GAP_S = 2.5  # a longer interval between R waves is a gap (assumed)
RR_KEPT, RR_KNOWN = 0.1, 8  # gain in the long run; so many intervals tell a rhythm (assumed)
RR_STEADY = 0.06  # a mean absolute deviation under this is a regular rhythm: an SD of 10 % (pump.md 2.3) gives 0.08
BACK_mmHg = 2.0  # above the limit before a low augmentation counts as over (assumed)


class Pulse(Record):
    """Last pulse, and augmentation now and at set-up."""

    at: int = 0  # sample of the last rise; 0 = start
    beats: int = 0  # triggers since then
    r_at: int = -1  # the last R wave that the lookout has seen, and the one before
    r_before_at: int = -1
    rr_n: int = 0  # intervals between R waves since the last gap, their mean, and by what share of it they differ from it
    rr_s: float = 0.8
    rr_spread: float = 0.0
    smooth_mmHg: float = 0.0
    low_mmHg: float = 1e9
    inside: int = 0
    top_mmHg: float = 0.0
    augmented_mmHg: float = 0.0  # mean of the last stays
    setup_mmHg: float = 0.0  # 0 = not known yet
    stays: int = 0  # since the set-up began
    setting: float = 0.0  # what the set-up was made with; another value begins it anew


@inline
def watch_pulse(w: Pulse, count: int, x: float, inside: bool, fs_hz: float) -> None:
    """One believable sample of the pressure; `inside`: the balloon may move it now."""
    if w.low_mmHg > 1e8:
        w.smooth_mmHg = x
    w.smooth_mmHg += min(1.0 / (SMOOTH_S * fs_hz), 1.0) * (x - w.smooth_mmHg)
    y = w.smooth_mmHg
    if inside:
        w.top_mmHg = max(w.top_mmHg, y) if w.inside != 0 else y
        w.inside = 1
        w.low_mmHg = y
        return
    if w.inside != 0:
        end_stay(w)
    w.inside = 0
    w.low_mmHg = min(w.low_mmHg, y)
    if y > w.low_mmHg + PULSE_mmHg:
        see_pulse(w, count)
        w.low_mmHg = y


@inline
def see_pulse(w: Pulse, count: int) -> None:
    """The heart has moved blood."""
    w.at = count
    w.beats = 0


@inline
def see_r(w: Pulse, r_at: int, fs_hz: float) -> None:
    """The last R wave, looked at often: what its intervals say of the rhythm, whatever triggers the balloon."""
    if r_at == w.r_at:
        return
    rr_s = (r_at - w.r_at) / fs_hz
    known = w.r_at >= 0 and rr_s < RR_GAP_S
    w.r_before_at = w.r_at
    w.r_at = r_at
    if not known:
        w.rr_n = 0
        return
    w.rr_n += 1
    gain = max(1.0 / w.rr_n, RR_KEPT)
    w.rr_s += gain * (rr_s - w.rr_s)
    w.rr_spread += gain * (abs(rr_s / w.rr_s - 1.0) - w.rr_spread)


@inline
def regular_by_r(w: Pulse, count: int, fs_hz: float) -> bool:
    """True where R waves have come regularly until now."""
    return w.rr_n >= RR_KNOWN and w.rr_spread < RR_STEADY and count - w.r_at < 2.0 * w.rr_s * fs_hz


@inline
def end_stay(w: Pulse) -> None:
    """A stay is over: its highest pressure is the augmentation."""
    w.stays += 1
    if w.stays <= SETTLING_STAYS:
        w.augmented_mmHg = w.top_mmHg
        w.setup_mmHg = 0.0
        return
    w.augmented_mmHg += (w.top_mmHg - w.augmented_mmHg) / SETTLING_STAYS
    if w.stays <= SETUP_STAYS:
        w.setup_mmHg += (w.top_mmHg - w.setup_mmHg) / (w.stays - SETTLING_STAYS)


@inline
def too_low(w: Pulse, drop_mmHg: float, limit_mmHg: float, on: bool) -> bool:
    """Augmentation below its limit: the one set, or so far below that at set-up. `on`: it was low before."""
    if limit_mmHg <= 0.0 and (drop_mmHg <= 0.0 or w.stays <= SETUP_STAYS):
        return False
    limit = limit_mmHg if limit_mmHg > 0.0 else w.setup_mmHg - drop_mmHg
    return w.stays > SETTLING_STAYS and w.augmented_mmHg < limit + (BACK_mmHg if on else 0.0)
