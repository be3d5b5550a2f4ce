"""Looks, every 40 ms, for what is wrong: signals, beats, gas, the console itself, settings that do not go together. Raises nothing by itself.

It only says which causes hold now; `pump.annunciator` makes alarms of them, `pump.alarms` says which there are. Units: s, mmHg, C, min.
"""

from counterpulse.kernel import inline, rare
from counterpulse.pump.alarms import KINDS, Alarm
from counterpulse.pump.annunciator import announce, heed_clinician
from counterpulse.pump.beat import LEARN_BEATS_WITHOUT_NOTCH
from counterpulse.pump.helium import FILL_CYCLES, adapt, bursting, fill_anew, gaining, leaking, take_ambient, take_warmth
from counterpulse.pump.log import Kind, write
from counterpulse.pump.modes import by_lead, by_r
from counterpulse.pump.pilot import lead_flaw, lead_score
from counterpulse.pump.pneumatics import STUCK_SAMPLES_S, believed, forget_usual
from counterpulse.pump.pulse import regular_by_r, see_pulse, see_r, too_low
from counterpulse.pump.settings import Deflation, Mode, Settings, Trigger
from counterpulse.pump.state import Balloon, Pump
from counterpulse.pump.timing import PINGS_KNOWN, expected_close, scatter
from counterpulse.signals.grade import Flaw
from counterpulse.signals.quality import Signal
from counterpulse.signals.sample import Sample

PULSE_WANDERS = 0.08  # of R-R: the mark of a pulse itself moves by up to some 6 % between beats with and without the balloon (assumed)
LOOK_S = 0.04
SILENCE_S = 3.0  # pump.md 2.3 item 9: no trigger after max(3 R-R, 3 s)
PRESSURE_START_S = 3.0  # by so much longer while the pressure trigger learns how high pulses are: stretches of 1.2 s (assumed)
SETTLED_S = 10.0  # what is judged over several beats is not judged before (assumed)
DISTURBED_S = 5.0  # nor so soon after a disturbed lead or pressure (assumed)
NO_PULSE_S = 5.0  # no upstroke for so long, and none in the first 10 s (assumed)
R_LATELY_S, TWO_R_S = 2.0, 3.0  # one R may be an artefact: the last two within the alarm's own limit
NOISY_SCORE = 0.25  # marks of a lead under which noise is an alarm (assumed; clean leads of fast hearts reach down to about 0.5)
CLEAR_SCORE = 0.5  # a lead whose R waves tell the rhythm under the pressure trigger (assumed)
UNASSISTED_S = 12.0  # at 1:3 and 20 beats a minute the balloon moves every 9 s (assumed)
UNTIMED_BEATS = 12  # so many beats without one notch (assumed)
OPENINGS_KNOWN, OPENINGS_AWAITED = 12, 36  # beats: the spread of the opening is a mean of about ten; and no longer is it waited for (assumed)
HOT_C, WARM_C = 80.0, 60.0  # 176 F, FDA 2023 (pump.md 8.3); the warning assumed
BATTERY_LOW_MIN, BATTERY_CRITICAL_MIN = 30.0, 5.0  # pump.md 1.5
HELIUM_LOW_FILLS = 24  # pump.md 1.5
SILENT_CYCLES, HELD_CYCLES, WRONG_CYCLES, LATE_CYCLES = 2, 2, 3, 5  # in a row (assumed; pump.md 10: a kink within five beats)
STILL_S, STILL_TOO_LONG_S = 600.0, 900.0  # pump.md 1.5
RESTING_S, RESTING_RATIO, RESTING_SHARE = 3600.0, 3, 0.5  # pump.md 7.3
EARLY_INFLATION_ms, LATE_INFLATION_ms = -20.0, 40.0  # pump.md 3.6
EARLY_DEFLATION_ms, LATE_DEFLATION_ms = -60.0, 20.0


@rare
def look_around(settings: Settings, pump: Pump, sample: Sample) -> float:
    """One look: the clinician's keys, then every cause, then the alarms. Returns helium to add (negative: let out), mL."""
    pump.look_due = pump.count + int(LOOK_S * pump.fs_hz)
    a = pump.alarms
    restarted = heed_clinician(settings, a, pump.log, pump.count, pump.fs_hz)
    fill_mL = mind_gas(settings, pump, sample, restarted)
    for k in range(KINDS):
        a.cause[k] = 0
    see_signals(pump)
    see_r(pump.pulse, pump.r_at, pump.fs_hz)
    see_beats(settings, pump)
    see_rest(settings, pump)
    see_console(pump, sample)
    see_settings(settings, pump)
    if settings.gas_watched != 0:
        see_gas(settings, pump, sample)
    if not settled(pump):
        a.cause[Alarm.DIASTOLE_TOO_SHORT] = 0
        a.cause[Alarm.AUGMENTATION_LOW] = 0
        if clash(pump) == IRREGULAR:
            a.cause[Alarm.SETTINGS_CLASH] = 0
    announce(a, pump.log, pump.count, pump.fs_hz)
    return fill_mL


@inline
def settled(pump: Pump) -> bool:
    """Whether a row of beats can be judged: beats made up or lost by noise and the first of a run accuse neither rhythm nor settings."""
    a, since = pump.alarms, pump.count - int(DISTURBED_S * pump.fs_hz)
    disturbed = a.cause[Alarm.TRIGGER_NOISE] != 0
    for k in (Alarm.TRIGGER_NOISE, Alarm.ECG_LOST, Alarm.ECG_STUCK, Alarm.PRESSURE_LOST, Alarm.PRESSURE_STUCK):
        disturbed = disturbed or (a.last[k] >= 0 and a.last[k] > since)
    return pump.count >= SETTLED_S * pump.fs_hz and not disturbed


@inline
def mind_gas(settings: Settings, pump: Pump, sample: Sample, restarted: int) -> float:
    """Barometer and warmth for the books; another volume set, or a restart, is a fill. Returns helium to add, mL."""
    b = pump.books
    if settings.gas_watched == 0:
        return 0.0
    take_ambient(b, sample.ambient_mmHg)
    take_warmth(b, sample.case_C)
    fill_mL = adapt(b, settings.volume_mL)
    if restarted != 0:
        fill_mL += fill_anew(b, pump.gas, settings.volume_mL + settings.dead_mL)
    if fill_mL != 0.0:
        forget_usual(pump.gas)
    if b.fills != pump.fills_logged:
        pump.fills_logged = b.fills
        write(pump.log, pump.count, Kind.FILLED + 0, b.fills, int(1000.0 * b.asked_mL))
    return fill_mL


@inline
def see_gas(settings: Settings, pump: Pump, sample: Sample) -> None:
    """Drive, catheter and helium, by the console's own transducer."""
    cause, g, b = pump.alarms.cause, pump.gas, pump.books
    cause[Alarm.BOARD_SILENT] = 0 if believed(sample.balloon_mmHg) else 1
    cause[Alarm.DRIVE_STUCK] = 1 if g.stuck_s > STUCK_SAMPLES_S else 0
    cause[Alarm.DRIVE_SILENT] = 1 if g.silent >= SILENT_CYCLES else 0
    narrow = g.restricted >= WRONG_CYCLES or g.unlike >= WRONG_CYCLES or g.shut >= WRONG_CYCLES or g.late >= LATE_CYCLES or g.held >= HELD_CYCLES
    cause[Alarm.CATHETER_RESTRICTION] = 1 if narrow else 0
    cause[Alarm.BASELINE_HIGH] = 1 if g.high > FILL_CYCLES else 0  # letting helium out has not helped
    cause[Alarm.RAPID_GAS_LOSS] = 1 if bursting(b) else 0
    cause[Alarm.SLOW_GAS_LOSS] = 1 if leaking(b, pump.count, pump.fs_hz) and not bursting(b) else 0
    cause[Alarm.GAS_GAIN] = 1 if gaining(b) else 0
    cause[Alarm.AUTOFILL_FAILURE] = b.failed
    left = settings.cylinder_fills - b.used_mL / max(settings.volume_mL + settings.dead_mL, 1.0)
    cause[Alarm.HELIUM_LOW] = 1 if left < HELIUM_LOW_FILLS else 0


@inline
def see_signals(pump: Pump) -> None:
    """The chosen lead and the chosen pressure."""
    cause = pump.alarms.cause
    ecg, pressure = pump.senses.ecg.state, pump.senses.pressure.state
    if by_lead(pump.choice.trigger):
        cause[Alarm.ECG_LOST] = 1 if ecg == Signal.MISSING else 0
        cause[Alarm.ECG_STUCK] = 1 if ecg in (Signal.RAIL, Signal.FLAT) else 0
        if pump.alarms.cause[Alarm.ECG_LOST] == 0 and pump.alarms.cause[Alarm.ECG_STUCK] == 0:
            noisy = lead_flaw(pump.pilot, pump.choice.ecg_lead) == Flaw.NOISY and lead_score(pump.pilot, pump.choice.ecg_lead) < NOISY_SCORE
            cause[Alarm.TRIGGER_NOISE] = 1 if noisy else 0
    mine = pump.choice.ecg_lead if by_lead(pump.choice.trigger) else -1  # under another trigger nothing else speaks for the chosen one
    for k in range(3):
        if k != mine and pump.pilot.known_leads >> k & 1 and lead_flaw(pump.pilot, k) in (Flaw.MISSING, Flaw.RAIL, Flaw.FLAT):
            cause[Alarm.LEAD_OFF] = 1
    cause[Alarm.PRESSURE_LOST] = 1 if pressure == Signal.MISSING else 0
    cause[Alarm.PRESSURE_STUCK] = 1 if pressure in (Signal.RAIL, Signal.FLAT) else 0


@inline
def see_beats(settings: Settings, pump: Pump) -> None:
    """Beats that do not come, come where none should, or leave no room."""
    cause, fs, trigger = pump.alarms.cause, pump.fs_hz, pump.choice.trigger
    c = pump.choice
    told = 1.0 if pump.expect.ping_n >= PINGS_KNOWN else 0.0  # another trigger, or a line's delay that is known now, times the balloon anew
    timing = 0.01 * (c.inflation_trim_ms + c.deflation_trim_ms) + 1e6 * c.trigger + 1e8 * told
    setting = settings.volume_mL + 100.0 * c.ratio + 1000.0 * c.pressure_source + 1e4 * settings.restart + timing
    if setting != pump.pulse.setting:
        pump.pulse.setting = setting
        pump.pulse.stays = 0
    if pump.choice.standby == 0:
        quiet = pump.count - max(pump.beat_at, pump.taken_at)  # another trigger has its own three beats' time
        learning_s = PRESSURE_START_S if trigger == Trigger.PRESSURE and pump.since_start == 0 else 0.0
        cause[Alarm.NO_TRIGGER] = 1 if quiet > (max(SILENCE_S, 3.0 * pump.expect.median_s) + learning_s) * fs else 0
        if pump.senses.pressure.state != Signal.GOOD and pump.pulse.at > 0:  # blind is not pulseless: the time counts from when it sees again
            see_pulse(pump.pulse, pump.count)
        pulseless = pump.count - pump.pulse.at > (NO_PULSE_S if pump.pulse.at > 0 else 2.0 * NO_PULSE_S) * fs
        cause[Alarm.NO_PULSE] = 1 if pulseless and pump.senses.pressure.state == Signal.GOOD else 0
        low = too_low(pump.pulse, settings.augmentation_drop_mmHg, settings.augmentation_limit_mmHg, pump.alarms.raised[Alarm.AUGMENTATION_LOW] >= 0)
        cause[Alarm.AUGMENTATION_LOW] = 1 if low else 0
        cause[Alarm.DIASTOLE_TOO_SHORT] = 1 if pump.too_short >= 3 and opening_known(pump) else 0
    if trigger == Trigger.INTERNAL:
        cause[Alarm.ECG_IN_INTERNAL] = 1 if beating(pump) else 0
        return
    unseen = pump.expect.close_n == 0 and pump.since_start >= UNTIMED_BEATS
    cause[Alarm.TIMING_NOT_FOUND] = 1 if unseen and cause[Alarm.NO_TRIGGER] == 0 else 0
    if trigger == Trigger.PRESSURE and pump.irregular != 0:
        if lead_score(pump.pilot, c.ecg_lead) > CLEAR_SCORE and regular_by_r(pump.pulse, pump.count, fs):
            cause[Alarm.DIASTOLE_TOO_SHORT] = 0  # pulses are miscounted; the heart is neither irregular nor too fast
        elif scatter(pump.expect) > PULSE_WANDERS:
            cause[Alarm.PRESSURE_TRIGGER_IRREGULAR] = 1


@inline
def opening_known(pump: Pump) -> bool:
    """Whether a diastole without room is the heart's doing: until its opening has been seen often the console keeps a wide margin for what it does not know."""
    return pump.expect.open_n >= OPENINGS_KNOWN or pump.since_start >= OPENINGS_AWAITED


@inline
def see_rest(settings: Settings, pump: Pump) -> None:
    """Beats are seen and the balloon stands still, and nothing else says why: what recalled consoles did."""
    cause, c = pump.alarms.cause, pump.choice
    if c.standby != 0 or settings.volume_mL <= 0.0:
        pump.rested_at = pump.count
    for k in (Alarm.NO_TRIGGER, Alarm.NO_PULSE, Alarm.ECG_LOST, Alarm.ECG_STUCK, Alarm.PRESSURE_LOST, Alarm.PRESSURE_STUCK, Alarm.DIASTOLE_TOO_SHORT):
        if pump.alarms.raised[k] >= 0:  # a cause that comes and goes says nothing
            return
    still = pump.balloon != Balloon.FILLED and pump.count - max(pump.deflate_at, pump.rested_at) > UNASSISTED_S * pump.fs_hz
    beats = pump.beat_number - max(pump.inflated_beat, LEARN_BEATS_WITHOUT_NOTCH)
    cause[Alarm.UNASSISTED] = 1 if still and beats > 2 * c.ratio else 0


@inline
def beating(pump: Pump) -> bool:
    """Whether two R waves have come lately."""
    w = pump.pulse
    return w.r_before_at >= 0 and pump.count - w.r_at < R_LATELY_S * pump.fs_hz and pump.count - w.r_before_at < TWO_R_S * pump.fs_hz


@inline
def see_console(pump: Pump, sample: Sample) -> None:
    """The console's own sensors; what is not there (NaN) says nothing."""
    cause = pump.alarms.cause
    cause[Alarm.BLOOD_IN_LINE] = 1 if sample.blood != 0 else 0
    cause[Alarm.OVER_TEMPERATURE] = 1 if sample.case_C > HOT_C else 0
    cause[Alarm.CASE_WARM] = 1 if sample.case_C > WARM_C else 0
    cause[Alarm.BATTERY_CRITICAL] = 1 if sample.battery_min < BATTERY_CRITICAL_MIN else 0
    cause[Alarm.BATTERY_LOW] = 1 if BATTERY_CRITICAL_MIN <= sample.battery_min < BATTERY_LOW_MIN else 0
    cause[Alarm.UNDOCKED] = 1 if sample.docked == 0 else 0


@inline
def see_settings(settings: Settings, pump: Pump) -> None:
    """How long the balloon has rested, and whether what was chosen goes together."""
    cause, c, fs = pump.alarms.cause, pump.choice, pump.fs_hz
    still_s = (pump.count - max(pump.inflate_at, 0)) / fs
    cause[Alarm.STANDBY_LONG] = 1 if STILL_S < still_s <= STILL_TOO_LONG_S else 0
    cause[Alarm.STANDBY_TOO_LONG] = 1 if still_s > STILL_TOO_LONG_S else 0
    if c.standby != 0 or (c.ratio < RESTING_RATIO and settings.volume_mL >= RESTING_SHARE * settings.balloon_mL):
        pump.lively_at = pump.count
    cause[Alarm.THROMBOSIS_RISK] = 1 if pump.count - pump.lively_at > RESTING_S * fs else 0
    moved_ms = c.inflation_trim_ms + (1000.0 * (c.close_s - expected_close(pump.expect, c.trigger == Trigger.PRESSURE)) if c.close_s > 0.0 else 0.0)
    early = moved_ms < EARLY_INFLATION_ms or c.deflation_trim_ms < EARLY_DEFLATION_ms
    late = moved_ms > LATE_INFLATION_ms or c.deflation_trim_ms > LATE_DEFLATION_ms
    cause[Alarm.MANUAL_TIMING] = 1 if settings.mode == Mode.MANUAL and (early or late) else 0
    cause[Alarm.SETTINGS_CLASH] = 1 if clash(pump) != 0 else 0


IRREGULAR = 3
CLASHES = (
    "",
    "The pressure trigger comes after the valve has opened: R-wave deflation is not possible with it.",
    "The internal trigger has no R wave: R-wave deflation is not possible with it.",
    "The rhythm is irregular: deflation cannot foresee the next beat; choose R-wave deflation.",
)


@inline
def clash(pump: Pump) -> int:
    """Place in `CLASHES`; 0 = all goes together."""
    c = pump.choice
    if c.deflation == Deflation.R_WAVE and c.trigger == Trigger.PRESSURE:
        return 1
    if c.deflation == Deflation.R_WAVE and c.trigger == Trigger.INTERNAL:
        return 2
    if c.deflation == Deflation.PREDICTIVE and by_r(c.trigger) and c.trigger != Trigger.AF and pump.irregular != 0:
        return IRREGULAR
    return 0
