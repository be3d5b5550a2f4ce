"""Patient and pump in lockstep: the one order of calls. Live, replay and run are loops around it.

A sample, lane by lane: the heart's clock advances, the monitor shows the pressures of the sample before, the pump answers; then all lanes move together in
integer sub-steps under those answers. A twin lane is the same patient whose balloon stays empty: it starts anew from its original each time its aortic valve
opens, and tells when the valve would have closed and opened by itself. A lane may also be alone: no console, no bedside,
nobody's twin. Knows the order; no files, no statistics. Time is an integer sample count.
"""

from typing import Any, NamedTuple

from counterpulse.body.build import balloon_rows, leg_rows, refresh
from counterpulse.body.gas import Catheter
from counterpulse.body.monitor import Monitor, Truth, show
from counterpulse.body.patient import Patient, Tone
from counterpulse.body.regulation import compose, regulate, stirred
from counterpulse.body.rhythm import Beat, advance
from counterpulse.body.state import AT, OF
from counterpulse.body.support import support_rows
from counterpulse.kernel import inline, kernel
from counterpulse.pump.control import Pump, control
from counterpulse.pump.settings import Settings
from counterpulse.signals.sample import Command, Sample, Valve

WATCHED, ALONE = -1, -2  # what `Bed.twin` says of a lane with a console, and of one that has none and is nobody's twin
STATES = OF.step_s  # rows of a lane buffer that move
CHANNELS = (
    AT.p_root, AT.p_lumen, AT.p_radial, AT.p_femoral, AT.p_lv, AT.p_rv, AT.p_la, AT.p_ra, AT.p_pa, AT.p_pv, AT.p_balloon, AT.p_console,
    AT.lv_then, AT.rv_then, AT.aortic, AT.mitral, AT.to_myocardium, AT.foot_bed, AT.balloon_upper, AT.balloon_middle, AT.balloon_lower, AT.aortic_open,
    AT.la, AT.gut_bed, AT.hand_bed, AT.left_pump, AT.bypass, AT.to_upper,
)  # fmt: skip


class Clock(NamedTuple):
    """How time passes: length of a sample, of the sub-steps it is divided into, and a sub-step's share of it."""

    sample_s: float
    substeps: int
    step_s: float
    share: float


class Bed(NamedTuple):
    """One running experiment: lanes side by side. `w` is rows x lanes, everything else one record a lane."""

    w: Any
    patient: Any
    tone: Any
    catheter: Any
    beat: Any
    monitor: Any
    settings: Any
    pump: Any
    sample: Any
    twin: Any  # lane that this one is the twin of, WATCHED or ALONE
    now: Any  # Tone in force: the set one under reflex and drugs
    regulation: Any
    dose: Any
    support: Any
    armed: Any  # 1 while a twin's aortic valve is shut
    kept: Any  # 1 = a trace keeps this lane's signals


class Trace(NamedTuple):
    """What a run keeps of each sample: samples x lanes (x channels). Zero samples long: nothing is kept; `samples` alone may be so."""

    signals: Any  # CHANNELS, float64
    samples: Any  # Sample rows
    valve: Any  # gas valve, int8
    beat: Any  # QRS complexes so far
    trigger: Any  # sample of the last R wave the pump recognised


class Lane(NamedTuple):
    """The records of one lane. Records cross a call freely; an array that crosses one is counted in and out, which costs as much as the work of a detector.

    So the loop itself reads what the bedside sees from the buffer (`truth_of`) and writes what follows into it (`prepare`, `obey`): small functions, into
    which the counting melts.
    """

    patient: Patient
    tone: Tone
    catheter: Catheter
    beat: Beat
    monitor: Monitor
    settings: Settings
    pump: Pump
    sample: Sample


@kernel
def restart_twin(w: Any, i: int, original: int, armed: Any) -> None:
    """Let a twin begin again from its original when its own aortic valve opens."""
    is_open = w[AT.aortic_open, i] > 0.3
    if is_open and armed[i] == 1:
        for row in range(STATES):
            w[row, i] = w[row, original]
    if w[AT.aortic_open, i] < 0.05:
        armed[i] = 1
    elif is_open:
        armed[i] = 0


@inline
def truth_of(w: Any, i: int) -> Truth:
    """What the bedside's lines and the console's transducer lie in: the pressures of the sample before."""
    return Truth(w[AT.p_root, i], w[AT.p_lumen, i], w[AT.p_radial, i], w[AT.p_femoral, i], w[AT.p_console, i], w[AT.gas_blood, i])


@inline
def prepare(w: Any, i: int, beat: Beat, share: float) -> None:
    """Hand a lane the activation that the sub-steps will rise to, and the chest's pressure."""
    w[OF.atrial_step, i] = (beat.atrial - w[AT.atrial, i]) * share
    w[OF.ventricular_step, i] = (beat.ventricular - w[AT.ventricular, i]) * share
    w[OF.intrathoracic, i] = beat.intrathoracic_mmHg


@inline
def obey(w: Any, i: int, command: Command, catheter: Catheter, clock: Clock) -> None:
    """Turn the gas valve as the console says, unless it is stuck, and let in the helium it asked for, while there is some."""
    lag = clock.step_s / (catheter.drive_lag_s + 0.5 * clock.step_s)
    valve = command.valve if catheter.stuck == 0 else 2 - catheter.stuck
    if valve == Valve.DRIVE:
        w[OF.gas_target, i], w[OF.gas_lag, i] = catheter.drive_mmHg, lag
    elif valve == Valve.VACUUM:
        w[OF.gas_target, i], w[OF.gas_lag, i] = -catheter.vacuum_mmHg, lag
    else:
        w[OF.gas_lag, i] = 0.0
    if catheter.cylinder != 0 or command.fill_mL < 0.0:
        amount = w[OF.gas_present, i] * command.fill_mL * catheter.atmosphere_mmHg
        w[AT.gas_near, i] += amount
        w[AT.gas_filled, i] += amount


@kernel
def refresh_lane(bed: Bed, i: int, clock: Clock) -> None:
    """Bring a lane's constants up to date with its tone, catheter and the volume set."""
    original = bed.twin[i] if bed.twin[i] >= 0 else i
    compose(bed.regulation[original], bed.patient[i], bed.tone[i], bed.now[i])
    refresh(bed.w, i, bed.patient[i], bed.now[i], clock.step_s)
    share = leg_rows(bed.w, i, bed.patient[i], bed.now[i], bed.catheter[i], clock.step_s)
    bed.regulation[i].perfusion.sheath_share = share
    support_rows(bed.w, i, (OF.left_keep, OF.bypass_keep), bed.support[i], clock.step_s)
    balloon_rows(bed.w, i, bed.catheter[i], min(bed.settings[i].volume_mL, bed.catheter[i].nominal_mL), clock.step_s)
    bed.tone[i].changed = 0


@kernel
def regulate_lanes(bed: Bed) -> None:
    """The slow loop of every lane that has begun; a twin is regulated as its original. Lanes whose tone has moved enough are marked for fresh constants."""
    for i in range(bed.w.shape[1]):
        if bed.twin[i] < 0 and bed.beat[i].sample > 0:
            regulate(bed.regulation[i], bed.dose[i], bed.patient[i], bed.beat[i], bed.w, i)
            if stirred(bed.regulation[i], bed.tone[i], bed.now[i]):
                bed.tone[i].changed = 1
    for i in range(bed.w.shape[1]):
        if bed.twin[i] >= 0 and bed.beat[i].sample > 0 and bed.tone[bed.twin[i]].changed != 0:
            bed.tone[i].changed = 1


@inline
def tick_unseen(lane: Lane, clock: Clock) -> Command:
    """A sample of a lane without a console, as a twin is: the heart's clock, the balloon kept empty."""
    advance(lane.patient, lane.tone, lane.beat, clock.sample_s)
    return Command(Valve.VACUUM, 0.0)


@inline
def tick_lane(lane: Lane, truth: Truth, clock: Clock) -> Command:
    """All that happens to one lane in a sample before the physics moves: the heart's clock, the bedside, the console; what the console wants of the gas."""
    advance(lane.patient, lane.tone, lane.beat, clock.sample_s)
    show(lane.monitor, lane.beat, truth, lane.sample)
    lane.sample.ambient_mmHg = lane.catheter.atmosphere_mmHg
    return control(lane.settings, lane.pump, lane.sample)


@kernel
def keep(bed: Bed, i: int, trace: Trace, k: int, valve: int) -> None:
    """Keep what a lane showed and did in sample `k`."""
    if k < trace.samples.shape[0]:
        trace.samples[k, i] = bed.sample[i]
    trace.valve[k, i] = valve
    trace.beat[k, i] = bed.beat[i].number
    trace.trigger[k, i] = bed.pump[i].r_at
