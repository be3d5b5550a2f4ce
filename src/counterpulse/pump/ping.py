"""How late a line shows the aorta, by the balloon's own wave: it was commanded, so when it began is known. Knows no heart. Units: s, mmHg.

What is wanted is the delay of the fall that tells of closure. A line shows steep rises later than that fall: by how much, differs little from patient to
patient, and stands here per source. Until the balloon has called often enough the heart's own upstroke after the R wave tells (`timing.learn_delay`).
"""

from counterpulse.kernel import inline
from counterpulse.pump.settings import Trigger
from counterpulse.pump.state import Pump
from counterpulse.pump.timing import PINGS_KNOWN, Expectation, move_delay
from counterpulse.signals.closure import PAST
from counterpulse.signals.sample import Source

# Root, lumen, radial, femoral: steepest rise after the balloon's onset less steepest fall after closure, six simulated patients (docs/validation/timing)
FALL_BEFORE_PING_S = (0.0, 0.017, 0.038, 0.02)
LISTEN_S = (0.0, 0.11, 0.2, 0.17)  # after the balloon's onset; later it may be the next beat's upstroke
MIDDLE_S = 0.008  # of the stretch over which the rise is taken
STEP_S, KEEP = 0.03, 0.05  # a ping further off moves the mean as if it were so far; gain in the long run (assumed)


@inline
def listen_for_ping(pump: Pump, line_delay_s: float) -> None:
    """One sample: follow the rise after an inflation, and at the end of the stretch take its lesson."""
    source = pump.choice.pressure_source
    if source == Source.ROOT or pump.senses.onset.new == 0 or pump.inflate_at < 0 or pump.choice.trigger == Trigger.INTERNAL:
        return
    if pump.choice.trigger == Trigger.PRESSURE and source == Source.FEMORAL:  # the balloon lies so near that it tells little of the heart's own wave
        return
    p = pump.ping
    if p.inflate_at != pump.inflate_at:
        p.inflate_at = pump.inflate_at
        p.rise_mmHg = 0.0
        p.rise_s = -1.0
        p.over = 0
    since_s = (pump.count - pump.inflate_at) / pump.fs_hz - line_delay_s
    if p.over != 0 or since_s < MIDDLE_S:
        return
    c = pump.senses.closure
    rise = c.past[(c.now - 1) & PAST] - c.past[(c.now - 1 - c.short_n) & PAST]
    if rise > p.rise_mmHg:
        p.rise_mmHg = rise
        p.rise_s = since_s - MIDDLE_S
    if since_s > LISTEN_S[source]:
        p.over = 1
        if p.rise_s >= 0.0:
            learn_ping(pump.expect, p.rise_s - FALL_BEFORE_PING_S[source] - pump.choice.source_delay_ms * 0.001)


@inline
def learn_ping(e: Expectation, away_s: float) -> None:
    """The balloon's wave came `away_s` later than the delay assumed says."""
    e.ping_n += 1
    away = away_s - e.ping_s
    if e.ping_n > PINGS_KNOWN:
        away = min(max(away, -STEP_S), STEP_S)
    e.ping_s += max(1.0 / e.ping_n, KEEP) * away
    if e.ping_n >= PINGS_KNOWN:
        move_delay(e, e.ping_s)
