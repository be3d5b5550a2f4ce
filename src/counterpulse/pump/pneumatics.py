"""Reads the balloon-pressure waveform cycle by cycle and says whether drive and catheter do what they are told. Knows neither heart nor timing.

Landmarks as pump.md 1.3 names them: baseline, peak of the inflation overshoot, plateau, deflation undershoot, width. The catheter's own speed
is known (`Settings.empty_s`, T90): over the catheters and presets of the simulator the gas was delivered (pressure 40 mmHg under its peak) after
1.2 to 1.7 of it and home (within 15 mmHg of the next baseline) after 1.0 to 1.3; a line of twice the resistance gave 2.0 and 2.2
(docs/validation/alarms.md). Units: mmHg, s.
"""

import math

from counterpulse.kernel import inline, rare
from counterpulse.record import Record

LOWEST_mmHg, HIGHEST_mmHg = -500.0, 900.0  # beyond these the transducer is not believed
FOLLOW_S, REST_S = 0.012, 0.03
DELIVERED_mmHg = 40.0  # under the peak
HOME_mmHg = 15.0  # from the baseline
STEADY_mmHg = 3.0  # a baseline that two followers see so alike has settled
DELIVERY_SHARE, HOME_SHARE = 1.9, 1.7  # of T90: slower than this is restricted
STALLED_SHARE = 3.0  # of T90 on the way home alone, with a baseline that is reached in the end (assumed; 0.9 to 1.4 in the simulator)
ARRIVING_mmHg = 1.0  # by so much the followers differ where gas is still on its way home (assumed; 0.2 to 0.5 in the simulator otherwise)
HELD_mmHg = 150.0  # a baseline so far under where it belongs: most of the stroke is missing (assumed)
NEVER_mmHg = 8.0  # above the undershoot: nothing has come back since (assumed; a leak of half a stroke comes back by 14)
WHOLE_mmHg = 25.0  # a plateau within this of the artery: the balloon was full (pump.md 1.3)
SHUT_mmHg = 60.0  # plateau above the artery around it: nothing more goes in (pump.md 1.3: within 25 mmHg)
# A plateau so far under its own peak means that the gas went in, whatever the artery is said to be (assumed; 64 to 130 in the simulator, 44 with a third of
# the membrane in its sheath, 5 with half of it)
ARRIVED_mmHg = 52.0
MOST_UNTOLD = 2  # so many cycles too short to tell may lie between those that told (assumed)
HEAD_AT_mmHg, HIGHEST_AROUND_mmHg = 90.0, 170.0  # the artery at which the shares of T90 hold, and the highest that is believed to slow delivery
MOVED_mmHg = 25.0  # a drive that is there moves the pressure by at least so much, either way (assumed; in the simulator 190 and 120)
SOONEST_S = 0.1  # a shorter stay tells little of the vacuum that follows,
SHORTEST_S, MOVED_LITTLE_mmHg = 0.06, 10.0  # yet something down to the shortest that is scheduled (pump.beat): the simulator's vacuum then draws 66 to 120
# What this catheter does in this patient: its peak above the baseline hardly moves, whatever the stay (SD 1 to 3 mmHg in the simulator; a kink of 3 mmHg s/mL
# adds 20 or more), and its undershoot goes with the stay. A cycle that exceeds the first by so much and misses the second by such a share met a resistance
OWN_CYCLES, OWN_GAIN = 3, 0.1
OVER_mmHg, UNDER_SHARE = 12.0, 0.3  # (assumed)
STUCK_mmHg = 60.0  # above the baseline without a command
STUCK_AFTER_S = 0.2  # 1.7 of the usual T90: by then the gas is home (docs/validation/alarms.md)
STUCK_SAMPLES_S = 0.06
BASELINE_LIMIT_mmHg = 20.0  # derangedphysiology.com, abnormal balloon pressure waveforms


class Gas(Record):
    """Landmarks of the last whole cycle, and how many cycles in a row were wrong."""

    baseline_mmHg: float = 0.0  # just before the last command to drive
    settled: int = 0  # 1 = that baseline had come to rest
    peak_mmHg: float = 0.0
    plateau_mmHg: float = 0.0
    undershoot_mmHg: float = 0.0
    width_s: float = 0.0
    delivered_s: float = 0.0  # from the command to drive until the pressure fell from its peak; 0 = it did not
    home_s: float = 0.0  # from the command to vacuum until the pressure was last away from its baseline
    cycles: int = 0
    restricted: int = 0  # cycles in a row
    shut: int = 0
    untold: int = 0  # cycles in a row that were too short to tell
    late: int = 0  # the gas came home late after stays too short to tell how it went in
    held: int = 0  # the gas went in and did not come back
    silent: int = 0
    high: int = 0
    own_n: int = 0  # cycles that taught what is usual here
    own_over_mmHg: float = 0.0  # peak above the baseline
    own_under_mmHg: float = 0.0  # baseline above the undershoot
    unlike: int = 0  # cycles in a row that met more resistance than is usual here
    stuck_s: float = 0.0  # for how long the pressure has been up without a command
    # the cycle under way
    near_mmHg: float = 0.0
    rest_mmHg: float = 0.0
    rest_n: int = 0
    top_mmHg: float = 0.0
    level_mmHg: float = 0.0
    around_mmHg: float = 0.0  # arterial pressure at the same time
    bottom_mmHg: float = 0.0
    fell_s: float = 0.0
    away_s: float = 0.0
    level_n: int = 0


@inline
def believed(p: float) -> bool:
    """Whether the transducer gives a pressure at all."""
    return LOWEST_mmHg < p < HIGHEST_mmHg


@inline
def watch_filled(g: Gas, p: float, around_mmHg: float, since_s: float, fs_hz: float) -> None:
    """One sample `since_s` after the command to drive, with the arterial pressure of that moment."""
    g.stuck_s = 0.0
    if not believed(p):
        return
    gain = min(1.0 / (FOLLOW_S * fs_hz), 1.0)
    g.top_mmHg = max(g.top_mmHg, p)
    if g.level_n == 0:
        g.level_mmHg = p
        g.around_mmHg = around_mmHg
        g.level_n = 1
    g.level_mmHg += gain * (p - g.level_mmHg)
    g.around_mmHg += gain * (around_mmHg - g.around_mmHg)
    if g.fell_s <= 0.0 and p < g.top_mmHg - DELIVERED_mmHg:
        g.fell_s = since_s


@inline
def watch_empty(g: Gas, p: float, since_s: float, usual_mmHg: float, fs_hz: float) -> None:
    """One sample `since_s` after the command to vacuum; `usual_mmHg` is where the baseline belongs."""
    if not believed(p):
        g.rest_n = 0  # a baseline that was not heard to its end is none
        return
    g.bottom_mmHg = min(g.bottom_mmHg, p)
    if g.rest_n == 0:
        g.near_mmHg = p
        g.rest_mmHg = p
        g.rest_n = 1
    g.near_mmHg += min(1.0 / (FOLLOW_S * fs_hz), 1.0) * (p - g.near_mmHg)
    g.rest_mmHg += min(1.0 / (REST_S * fs_hz), 1.0) * (p - g.rest_mmHg)
    if p < usual_mmHg - HOME_mmHg:
        g.away_s = since_s
    if p > usual_mmHg + STUCK_mmHg and since_s > STUCK_AFTER_S:
        g.stuck_s += 1.0 / fs_hz
    else:
        g.stuck_s = 0.0


@inline
def begin_drive(g: Gas, empty_s: float, usual_mmHg: float) -> None:
    """A cycle begins: what was seen since the last command to vacuum are its undershoot, its way home and its baseline."""
    g.settled = 1 if g.rest_n > 0 and abs(g.near_mmHg - g.rest_mmHg) < STEADY_mmHg else 0
    g.baseline_mmHg = g.near_mmHg if g.rest_n > 0 else 0.0
    if g.cycles > 0 and g.rest_n > 0:
        g.undershoot_mmHg = g.bottom_mmHg
        g.home_s = g.away_s
        judge_cycle(g, empty_s, usual_mmHg)
    g.top_mmHg = g.baseline_mmHg
    g.level_n = 0
    g.fell_s = 0.0


@rare
def judge_cycle(g: Gas, empty_s: float, usual_mmHg: float) -> None:
    """Count cycles in a row in which the drive did not move the gas, the catheter held it back, or the baseline stayed high."""
    told = g.width_s > SOONEST_S
    if g.width_s >= SHORTEST_S:
        under = g.baseline_mmHg - g.undershoot_mmHg
        sucked = g.undershoot_mmHg < -MOVED_mmHg or under > (2.0 * MOVED_mmHg if told else MOVED_LITTLE_mmHg)
        g.silent = 0 if sucked and g.peak_mmHg > g.baseline_mmHg + MOVED_mmHg else g.silent + 1
        if g.silent == 0:
            compare_cycle(g, g.peak_mmHg - max(g.baseline_mmHg, usual_mmHg), under)  # a baseline that falls because helium is lost heightens no peak
    long_s = DELIVERY_SHARE * empty_s * slower(g)
    unknown = g.delivered_s <= 0.0 and g.width_s <= long_s
    g.untold = g.untold + 1 if unknown else 0
    judge_line(g, empty_s, usual_mmHg, long_s)
    empty = g.baseline_mmHg < usual_mmHg - HELD_mmHg and g.baseline_mmHg < g.undershoot_mmHg + NEVER_mmHg
    g.held = g.held + 1 if told and empty and g.plateau_mmHg > g.around_mmHg - WHOLE_mmHg else 0
    g.high = g.high + 1 if g.baseline_mmHg > max(BASELINE_LIMIT_mmHg, usual_mmHg + 5.0) and g.settled != 0 else 0


@inline
def compare_cycle(g: Gas, over: float, under: float) -> None:
    """Whether this cycle met more resistance than is usual for this catheter in this patient; if not, it is one of those that say what is usual."""
    strange = over > g.own_over_mmHg + OVER_mmHg and abs(under - g.own_under_mmHg) > UNDER_SHARE * g.own_under_mmHg
    if g.own_n >= OWN_CYCLES and strange:
        g.unlike += 1
        return
    g.unlike = 0
    g.own_n += 1
    gain = max(1.0 / g.own_n, OWN_GAIN)
    g.own_over_mmHg += gain * (over - g.own_over_mmHg)
    g.own_under_mmHg += gain * (under - g.own_under_mmHg)


@inline
def forget_usual(g: Gas) -> None:
    """Another volume, or a circuit filled anew: what was usual is no measure any more."""
    g.own_n = 0
    g.unlike = 0


@inline
def judge_line(g: Gas, empty_s: float, usual_mmHg: float, long_s: float) -> None:
    """Whether the gas passed the catheter too slowly in this cycle. A few cycles too short to tell leave the count of those that told."""
    told, unknown, waits = g.width_s > SOONEST_S, g.untold > 0, 0 < g.untold <= MOST_UNTOLD
    home = abs(g.baseline_mmHg - usual_mmHg) < HOME_mmHg
    slow_in = not unknown and (g.delivered_s <= 0.0 or g.delivered_s > long_s)
    slow_out = g.home_s > HOME_SHARE * empty_s
    arriving = g.near_mmHg > g.rest_mmHg + ARRIVING_mmHg
    stalled = g.home_s > STALLED_SHARE * empty_s and (arriving or home)
    g.late = g.late + 1 if unknown and slow_out and home else 0
    if told and slow_out and (slow_in or stalled or (unknown and g.settled == 0)):
        g.restricted += 1
    elif not (waits and slow_out):
        g.restricted = 0
    full = g.plateau_mmHg > g.around_mmHg + SHUT_mmHg and g.plateau_mmHg > g.peak_mmHg - ARRIVED_mmHg and g.peak_mmHg > usual_mmHg + 2.0 * SHUT_mmHg
    if full and not unknown and g.width_s > long_s:
        g.shut += 1
    elif not (waits and full):
        g.shut = 0


@inline
def slower(g: Gas) -> float:
    """How much longer delivery takes against this artery: the flow through the line goes with the root of the pressure left to drive it (turbulent)."""
    left = g.peak_mmHg - min(g.around_mmHg, HIGHEST_AROUND_mmHg)
    return math.sqrt(max((g.peak_mmHg - HEAD_AT_mmHg) / left, 1.0)) if left > 1.0 else 1.0


@inline
def begin_vacuum(g: Gas, width_s: float) -> None:
    """The inflated part is over: its peak, plateau and delivery stand."""
    g.peak_mmHg = g.top_mmHg
    g.plateau_mmHg = g.level_mmHg if g.level_n > 0 else g.top_mmHg
    g.width_s = width_s
    g.delivered_s = g.fell_s
    g.bottom_mmHg = HIGHEST_mmHg
    g.away_s = 0.0
    g.cycles += 1
