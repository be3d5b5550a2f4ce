"""The helium books: what is in the circuit by its baseline pressure, what was filled in, what must have got lost; tops up, fills anew, notices failure.

Amount = (baseline + ambient) * circuit / 760, isothermal, so that height alone neither adds nor takes (the console has a barometer). Loss over
what passes the membrane is a leak; gas that nobody filled in is gain, unless the console has warmed. A baseline away from its target is corrected
while pumping. Units: mmHg, mL at 760 mmHg, s, C; counts are samples.
"""

from counterpulse.kernel import inline
from counterpulse.pump.pneumatics import Gas, forget_usual
from counterpulse.record import Record

ATMOSPHERE_mmHg = 760.0
SETTLED_CYCLES = 8  # baseline of a circuit that has just been filled: the target from then on
LOWEST_TARGET_mmHg, HIGHEST_TARGET_mmHg = 2.5, 17.0  # pump.md 1.3: fill 2.5 above zero (Arrow) to 10-15; the simulator's stiffest aorta gives 16.6
OFF_TARGET_mmHg = 5.0  # the baseline may be so far off before it is corrected (assumed)
MOST_FILL_mL = 5.0  # at one request (assumed)
REFILL_EVERY_S = 7200.0  # pump.md 1.4: about every 2 h
PURGE_mL = 3.0  # let out before a regular fill, so that a fill that fails is seen (assumed; a console purges all)
FILL_CYCLES = 12  # within which a fill must show
FILL_TRIES = 3
ANEW_TRIES = 6  # of a fill after a stop: an empty circuit's baseline says that much is missing, not how much (assumed)
REACHED_mmHg = 4.0
DIFFUSION_mL_S = 2.0 / 3600.0  # pump.md 1.4: 1-2 mL/h through membrane and tubing
LEAK_mL = 3.0  # lost beyond diffusion: at 5 mL/h after an hour, with 5 mL lost (pump.md 10: before 10)
RAPID_mL = 2.0  # lost beyond the trend of the last minute
TREND_S = 60.0
GAIN_mL = 1.5  # a baseline 17 mmHg up (assumed)
CLIMB_mmHg = 20.0  # change of the air's pressure after which the books begin anew: about 750 feet (assumed)
KELVIN = 273.15
BOTTOM_mmHg = -60.0  # a baseline at rest under this: the circuit is all but empty (assumed)
EMPTY_CYCLES = 3


class Books(Record):
    """Since `since_at`, the last whole fill. `lost_mL` counts diffusion too; negative = gained."""

    since_at: int = -1  # -1: the target is still being learned
    target_mmHg: float = 10.0
    learned: int = 0
    amount_mL: float = 0.0  # at the start of these books
    ambient_mmHg: float = ATMOSPHERE_mmHg
    filled_ambient_mmHg: float = ATMOSPHERE_mmHg  # when the baseline was last put right
    case_C: float = -1000.0  # at the start of these books; -1000 = not known
    warmth_mL: float = 0.0  # gain that the case's warming may explain
    net_mL: float = 0.0  # filled in less let out since then
    lost_mL: float = 0.0
    least_mL: float = 0.0  # as lost_mL, but so much at least even if what was asked for last has not come
    most_mL: float = 0.0  # so much at most even if what was to be let out last has not gone
    asked_mL: float = 0.0
    trend_mL: float = 0.0
    trend_n: int = 0
    last_at: int = 0
    stroke_mL: float = -1.0  # volume that the circuit was filled for
    usual_mmHg: float = 10.0  # where the baseline belongs now: the target, moved by the height gained since it was last put right
    empty_cycles: int = 0  # in a row
    off: int = 0  # cycles in a row off the target
    filling: int = 0  # cycles since a request; 0 = none under way
    purged: int = 0  # a regular fill: 1 = let out, 2 = filled again
    tries: int = 0
    anew: int = 0  # requests that a fill after a stop may still make; 0 = none under way
    failed: int = 0
    fills: int = 0
    used_mL: float = 0.0  # taken from the cylinder


@inline
def take_ambient(b: Books, ambient_mmHg: float) -> None:
    """The barometer, if there is one; without it the air is taken to stay as it is."""
    if 300.0 < ambient_mmHg < 900.0:
        b.ambient_mmHg = ambient_mmHg
        if b.since_at < 0:
            b.filled_ambient_mmHg = ambient_mmHg
    b.usual_mmHg = b.target_mmHg + b.filled_ambient_mmHg - b.ambient_mmHg


@inline
def in_circuit(g: Gas, ambient_mmHg: float, circuit_mL: float) -> float:
    """Helium behind the membrane by the last baseline."""
    return (g.baseline_mmHg + ambient_mmHg) * circuit_mL / ATMOSPHERE_mmHg


@inline
def fill_anew(b: Books, g: Gas, circuit_mL: float) -> float:
    """After a stop the clinician starts again: fill to the target, begin the books anew. Helium to add, mL."""
    b.since_at = -1
    b.learned = 0
    b.off = 0
    b.empty_cycles = 0
    b.filling = 0
    b.purged = 0
    b.tries = 0
    b.failed = 0
    b.fills += 1
    b.anew = ANEW_TRIES
    g.restricted = 0
    forget_usual(g)
    g.shut = 0
    g.held = 0
    g.silent = 0
    g.high = 0
    g.stuck_s = 0.0
    if g.rest_n == 0:
        return 0.0
    return ask(b, (b.target_mmHg - g.near_mmHg) * circuit_mL / ATMOSPHERE_mmHg)


@inline
def go_on_anew(b: Books, g: Gas, circuit_mL: float) -> float:
    """A fill after a stop: ask until the baseline is where it belongs; then the books begin. One that does not get there has failed."""
    away = b.target_mmHg - g.baseline_mmHg
    g.held = 0
    if abs(away) < REACHED_mmHg:
        b.anew = 0
        return 0.0
    b.anew -= 1
    if b.anew == 0:
        b.failed = 1
        return 0.0
    return ask(b, min(max(away * circuit_mL / ATMOSPHERE_mmHg, -circuit_mL), circuit_mL))


@inline
def climbed(b: Books) -> bool:
    """The air has become thinner or thicker since the baseline was last put right."""
    return abs(b.ambient_mmHg - b.filled_ambient_mmHg) > CLIMB_mmHg


@inline
def take_warmth(b: Books, case_C: float) -> None:
    """How much gain the case's warming may explain."""
    if not (-40.0 < case_C < 150.0):
        return
    if b.case_C < -900.0:
        b.case_C = case_C
    b.warmth_mL = max(case_C - b.case_C, 0.0) / (KELVIN + b.case_C) * b.amount_mL


@inline
def adapt(b: Books, volume_mL: float) -> float:
    """Another volume was set: the circuit needs as much more or less. Helium to add (negative: let out), mL."""
    if b.stroke_mL < 0.0 or volume_mL == b.stroke_mL:
        b.stroke_mL = volume_mL
        return 0.0
    fill = (volume_mL - b.stroke_mL) * (ATMOSPHERE_mmHg + b.target_mmHg) / ATMOSPHERE_mmHg
    b.stroke_mL = volume_mL
    b.learned = 0  # the baseline settles anew; what was lost until now is forgotten
    b.since_at = -1
    b.filling = 0
    return ask(b, fill)


@inline
def ask(b: Books, fill_mL: float) -> float:
    """Book a request."""
    b.asked_mL = fill_mL
    b.net_mL += fill_mL
    b.used_mL += max(fill_mL, 0.0)
    return fill_mL


@inline
def keep_books(b: Books, g: Gas, count: int, fs_hz: float, circuit_mL: float) -> float:
    """Once per cycle, before it is driven, with the baseline just read. Returns the helium to add (negative: let out), mL."""
    if g.settled == 0 or g.restricted > 0 or g.unlike > 0 or g.shut > 0 or (g.held > 0 and b.anew == 0):
        return 0.0  # a baseline that says nothing of the amount
    if b.anew > 0:
        return go_on_anew(b, g, circuit_mL)
    b.empty_cycles = b.empty_cycles + 1 if g.baseline_mmHg < BOTTOM_mmHg else 0
    if b.since_at < 0:
        learn_target(b, g, count, circuit_mL)
        return 0.0
    elapsed = (count - b.last_at) / fs_hz
    b.last_at = count
    lost = b.amount_mL + b.net_mL - in_circuit(g, b.ambient_mmHg, circuit_mL)
    if b.trend_n == 0:
        b.lost_mL = lost
        b.trend_mL = lost
        b.trend_n = 1
    b.least_mL = lost - max(b.asked_mL, 0.0)
    b.most_mL = lost + max(-b.asked_mL, 0.0)
    if climbed(b):
        b.most_mL = b.lost_mL
        b.least_mL = b.trend_mL  # height moves gas and membrane: nothing is told of it until the baseline has been put right
    elif b.filling == 0:
        b.lost_mL += 0.25 * (lost - b.lost_mL)
        b.trend_mL += min(elapsed / TREND_S, 1.0) * (b.lost_mL - b.trend_mL)
        b.least_mL = b.lost_mL
        b.most_mL = b.lost_mL
    if b.filling > 0:
        b.filling += 1
        if b.purged == 1:
            return refill(b, g, circuit_mL) if b.filling >= 3 else 0.0
        watch_fill(b, g, count, circuit_mL)
        return 0.0
    return correct(b, g, count, fs_hz, circuit_mL)


@inline
def learn_target(b: Books, g: Gas, count: int, circuit_mL: float) -> None:
    """The baseline of the first cycles is the target, if it is one that a fill could have meant."""
    b.learned += 1
    if b.learned == 1:
        b.amount_mL = 0.0
    b.amount_mL += (in_circuit(g, b.ambient_mmHg, circuit_mL) - b.amount_mL) / b.learned
    if b.learned < SETTLED_CYCLES:
        return
    baseline = b.amount_mL * ATMOSPHERE_mmHg / circuit_mL - b.ambient_mmHg
    b.target_mmHg = min(max(baseline, LOWEST_TARGET_mmHg), HIGHEST_TARGET_mmHg)
    b.filled_ambient_mmHg = b.ambient_mmHg
    b.last_at = count
    open_books(b, count)


@inline
def open_books(b: Books, count: int) -> None:
    """What is in the circuit now is what all later losses and gains are counted from."""
    b.since_at = count
    b.net_mL = 0.0
    b.lost_mL = 0.0
    b.least_mL = 0.0
    b.most_mL = 0.0
    b.trend_n = 0


@inline
def correct(b: Books, g: Gas, count: int, fs_hz: float, circuit_mL: float) -> float:
    """A baseline off its target is put right; every two hours the circuit is filled anew."""
    away = b.target_mmHg - g.baseline_mmHg
    b.off = b.off + 1 if abs(away) > OFF_TARGET_mmHg else 0
    if b.tries == 0 and count - b.since_at > REFILL_EVERY_S * fs_hz:
        b.purged = 1
        b.filling = 1
        return ask(b, -PURGE_mL)
    if b.off < 3:
        return 0.0
    b.filling = 1
    b.tries += 1
    b.purged = 2 if climbed(b) else 0  # the books begin anew at another height
    most = circuit_mL if climbed(b) else MOST_FILL_mL
    return ask(b, min(max(away * circuit_mL / ATMOSPHERE_mmHg, -most), most))


@inline
def refill(b: Books, g: Gas, circuit_mL: float) -> float:
    """Second half of a regular fill: what is missing from the target comes back."""
    b.purged = 2
    b.filling = 1
    b.tries = 1
    b.fills += 1
    b.used_mL += circuit_mL  # a console fills the whole circuit from its cylinder
    return ask(b, (b.target_mmHg - g.baseline_mmHg) * circuit_mL / ATMOSPHERE_mmHg)


@inline
def watch_fill(b: Books, g: Gas, count: int, circuit_mL: float) -> None:
    """Has the last request shown in the baseline? Three that do not are a failure; a regular fill that does begins the books anew."""
    missing = (b.target_mmHg - g.baseline_mmHg) * circuit_mL / ATMOSPHERE_mmHg
    if b.filling >= 3 and abs(b.target_mmHg - g.baseline_mmHg) < REACHED_mmHg:
        b.filling = 0
        b.tries = 0
        b.off = 0
        b.filled_ambient_mmHg = b.ambient_mmHg
        if b.purged == 2:
            b.amount_mL = in_circuit(g, b.ambient_mmHg, circuit_mL)
            open_books(b, count)
        b.purged = 0
    elif b.filling > FILL_CYCLES:
        b.filling = 0
        b.off = FILL_CYCLES  # ask again at once
        b.net_mL -= max(missing, 0.0) if b.asked_mL > 0.0 else 0.0  # it has not come
        b.failed = 1 if b.tries >= FILL_TRIES else 0


@inline
def leaking(b: Books, count: int, fs_hz: float) -> bool:
    """More is lost than passes the membrane."""
    return b.since_at >= 0 and b.lost_mL - DIFFUSION_mL_S * (count - b.since_at) / fs_hz > LEAK_mL


@inline
def bursting(b: Books) -> bool:
    """Helium goes fast."""
    return b.empty_cycles >= EMPTY_CYCLES or (b.since_at >= 0 and b.least_mL - b.trend_mL > RAPID_mL)


@inline
def gaining(b: Books) -> bool:
    """There is more helium than was filled in, and warmth does not explain it."""
    return b.since_at >= 0 and -b.most_mL > GAIN_mL + b.warmth_mL
