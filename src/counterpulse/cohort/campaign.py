"""A campaign of faults: random scenarios from seeds, run in lanes, each judged for the safe state and for the alarms it owed and should not have raised.

Scenario n of a campaign is the same for ever: preset, rhythm, rate, console and one to three faults all come from counted noise. Lanes of a block share a
sampling rate; alone a scenario gives the same bits (`cohort.scenario.play`), so a failure is kept as a scenario file. Knows no processes and no files.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from counterpulse.bed.expect import Alarmed, Watcher, slug
from counterpulse.bed.faults import ANSWERS, ECG, FAULTS, GAS, PRESSURE, Fault, default_of, may
from counterpulse.bed.live import Input, Live
from counterpulse.bed.rest import rests_of
from counterpulse.bed.run import clock_of, make_bed
from counterpulse.bed.safety import CHECKS, Course, runs, unsafe
from counterpulse.bed.tick import WATCHED
from counterpulse.body.patient import Rhythm
from counterpulse.body.regulation import Rest
from counterpulse.cohort.preset import names
from counterpulse.cohort.scenario import SLICE_S, Scenario, parts_of
from counterpulse.noise import uniform
from counterpulse.pump.alarms import ALARMS, Alarm
from counterpulse.pump.settings import Deflation, Mode, SOURCE_DELAY_ms, Trigger

LANES = 8
EJECTION = "ejection"  # the check that needs a twin
SECONDS = 60.0
FIRST_S, LAST_S = 15.0, 40.0  # faults begin between these; the console is locked before
SILENCE, SILENT_S = "assistance", 15.0  # the balloon may rest so long without an alarm: at 1:3 and 20/min it moves every 9 s (assumed)
SETTLED_S = 10.0  # alarms count from here on, as timing does (CONTRACTS.md): a bed begins from a plausible start, not from a settled one
RATES_Hz = (250.0, 250.0, 500.0, 1000.0)
LIMIT_s = {slug(alarm.name): ALARMS[alarm].limit_s for alarm in Alarm}
# what an irregular or fast heart may raise
RHYTHM = {"settings-clash", "pressure-trigger-irregular", "diastole-too-short", "augmentation-low", "trigger-noise"}


REST, RESTED_S = "unassisted", 11.9  # true where the balloon has rested for so long
TELLING, STILL_S = 4, 4.0  # a fault of the gas shows by whole cycles; with fewer, and the balloon at rest since, it could not
NOTCHLESS = {"timing-not-found"}  # a valve that does not close leaves no notch: true of the patient


class Chance:
    """Random numbers of one scenario, in the order they are asked for."""

    def __init__(self, seed: int, number: int) -> None:
        self.seed, self.stream, self.count = seed, number, 0

    def share(self) -> float:
        """A number in (0, 1)."""
        self.count += 1
        return uniform(self.seed, self.stream, self.count)

    def between(self, low: float, high: float) -> float:
        """A number in a range."""
        return low + (high - low) * self.share()

    def one_of(self, things: Sequence[Any]) -> Any:
        """One of several."""
        return things[int(self.share() * len(things))]


@dataclass(frozen=True)
class Happening:
    """A fault of a scenario."""

    name: str
    severity: float
    begins_s: float
    ends_s: float  # the end of the run where it stays
    place: int = -1


@dataclass(frozen=True)
class Case:
    """A scenario of a campaign and what happens in it."""

    number: int
    scenario: Scenario
    happenings: tuple[Happening, ...]


@dataclass(frozen=True)
class Judged:
    """How a case fared: checks of the safe state that were broken (name: first sample), faults without their alarm, alarms without a fault."""

    number: int
    unsafe: dict[str, int] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    at_start: list[str] = field(default_factory=list)  # alarms of the first seconds, in which bed and console find their feet
    masked: list[str] = field(default_factory=list)
    answered: list[tuple[str, float, float]] = field(default_factory=list)  # fault, seconds to its alarm, seconds allowed

    @property
    def passed(self) -> bool:
        """True if nothing is wrong."""
        return not (self.unsafe or self.missed or self.false)


def draw_case(seed: int, number: int) -> Case:
    """Case `number` of the campaign `seed`."""
    chance = Chance(seed, number)
    fs_hz = RATES_Hz[(number // LANES) % len(RATES_Hz)]  # a block of lanes shares it
    preset = chance.one_of(names())
    person, settings = draw_person(chance), draw_console(chance)
    if person.get("rhythm") == int(Rhythm.ATRIAL_FIBRILLATION) or preset == "af":
        settings |= {"deflation": int(Deflation.R_WAVE), "trigger": int(chance.one_of((Trigger.ECG, Trigger.AF)))}
    elif person.get("rhythm") == int(Rhythm.PACED_VENTRICULAR):
        settings["trigger"] = int(chance.one_of((Trigger.ECG, Trigger.V_PACED)))
    faults = [draw_fault(chance, settings) for _ in range(chance.one_of((1, 1, 2, 3)))]
    happenings = {one.name: one for one in faults}  # the same fault twice would end itself
    happenings = tuple(one for one in happenings.values() if not clashes(one, happenings))
    scenario = Scenario(
        preset, seed=int(chance.share() * 2**32), seconds=SECONDS, name=f"campaign-{seed}-{number}", fs_hz=fs_hz, person=person, settings=settings,
        title=", ".join(f"{one.name} {one.severity:.3g}" for one in happenings), inputs=inputs_of(happenings, fs_hz),
    )  # fmt: skip
    return Case(number, scenario, happenings)


def clashes(one: Happening, all_of_them: dict[str, Happening]) -> bool:
    """Whether an earlier fault moves the same field: its end would undo this one."""
    before = [other for other in all_of_them.values() if other.name < one.name]
    fields = {effect.field for effect in FAULTS[one.name].effects}
    return any(fields & {effect.field for effect in FAULTS[other.name].effects} for other in before)


def inputs_of(happenings: Sequence[Happening], fs_hz: float) -> tuple[Input, ...]:
    """Inputs that begin and end the faults."""
    begin = [Input(round(one.begins_s * fs_hz), f"fault.{one.name}", one.severity, one.place) for one in happenings]
    end = [Input(round(one.ends_s * fs_hz), f"fault.{one.name}", 0.0, one.place) for one in happenings if one.ends_s < SECONDS]
    return tuple(sorted(begin + end, key=lambda one: one.sample))


def draw_person(chance: Chance) -> dict[str, float]:
    """Rate, rhythm, ectopics."""
    person: dict[str, float] = {"heart_rate_per_min": round(chance.between(45.0, 125.0), 1)}
    rhythm = chance.share()
    if rhythm < 0.12:
        person |= {"rhythm": int(Rhythm.ATRIAL_FIBRILLATION), "rr_variability": 0.2}
    elif rhythm < 0.2:
        person["rhythm"] = int(Rhythm.PACED_VENTRICULAR)
    if chance.share() < 0.3:
        person["ectopics_per_min"] = round(chance.between(1.0, 10.0), 1)
    return person


def draw_console(chance: Chance) -> dict[str, float]:
    """Mode, trigger, source, ratio, volume."""
    source = chance.one_of((0, 0, 0, 1, 2, 3))
    settings: dict[str, float] = {"mode": int(chance.one_of((Mode.AUTOMATIC, Mode.SEMI_AUTOMATIC))), "pressure_source": source}
    settings |= {"source_delay_ms": SOURCE_DELAY_ms[source], "trigger": int(Trigger.PRESSURE if chance.share() < 0.12 else Trigger.ECG)}
    if chance.share() < 0.2:
        settings["ratio"] = chance.one_of((2, 3))
    return settings | {"ecg_lead": chance.one_of((0, 0, 1, 2))}


def draw_fault(chance: Chance, settings: dict[str, float]) -> Happening:
    """A fault: severities evenly on a logarithmic scale where they have one sign; half of the faults end again."""
    one = FAULTS[chance.one_of(tuple(FAULTS))]
    share = chance.share()
    severity = one.low + (one.high - one.low) * share if one.low <= 0.0 else one.low * (one.high / one.low) ** share
    if one.name == "valve-stuck":
        severity = float(1 + int(3 * share))
    begins = round(chance.between(FIRST_S, LAST_S), 1)
    ends = SECONDS if chance.share() < 0.5 else round(chance.between(begins + 0.5, SECONDS), 1)
    return Happening(one.name, float(f"{severity:.4g}"), begins, ends, draw_place(chance, one, settings))


def draw_place(chance: Chance, one: Fault, settings: dict[str, float]) -> int:
    """The chosen lead or source mostly, else any, or all."""
    if not any(effect.placed for effect in one.effects):
        return -1
    chosen = settings["ecg_lead"] if ANSWERS[one.name].room == ECG else settings["pressure_source"]
    return int(chance.one_of((chosen, chosen, -1, int(chance.share() * np.size(default_of(one.effects[0].field))))))


class Lane(NamedTuple):
    """What watches a lane."""

    case: Case
    ears: Watcher
    course: Course


def run_block(cases: Sequence[Case]) -> list[Judged]:
    """Run up to eight cases of one sampling rate side by side and judge each; those of which ejection is asked run once more, each beside its twin."""
    patients = [parts_of(one.scenario)[0] for one in cases]
    rests = rests_of(patients, cases[0].scenario.fs_hz, lanes=len(cases))
    lanes = ride(cases, rests)
    again = [(one, rests[i]) for i, one in enumerate(cases) if asked_of(one, EJECTION)]
    beside = {one.number: ride([one, one], [rest, rest], (WATCHED, 0))[0] for one, rest in again}
    return [judge(beside.get(one.case.number, one)) for one in lanes]


def ride(cases: Sequence[Case], rests: Sequence[Rest], twins: Sequence[int] = ()) -> list[Lane]:
    """Run cases side by side; `twins` as in `make_bed`: a twin is judged by nobody, and tells its original's `Course` when its valve opens."""
    parts = [parts_of(one.scenario) for one in cases]
    clock = clock_of(cases[0].scenario.fs_hz)
    twins = list(twins) or [WATCHED] * len(cases)
    bed = make_bed([one[0] for one in parts], [one[1] for one in parts], [one[2] for one in parts], clock, twins, rests=rests)
    live = Live(bed, clock)
    for i, one in enumerate(cases):
        for change in one.scenario.inputs:
            live.change(change.field, change.value, lane=i, place=change.place, at=change.sample)
    of = {original: lane for lane, original in enumerate(twins) if original >= 0}
    lanes = [
        Lane(one, Watcher((), live.bed, clock.sample_s, i), Course(live.bed, clock.sample_s, i, of.get(i, -1))) for i, one in enumerate(cases) if twins[i] < 0
    ]
    size = max(round(SLICE_S / clock.sample_s), 1)
    while live.sample < round(SECONDS / clock.sample_s):
        pieces = live.advance(size)
        for one in lanes:
            one.ears.see(pieces)
            one.course.see(pieces)
    return lanes


def excused_by(case: Case) -> frozenset[str]:
    """What a case's faults put out of order."""
    rooms = {ANSWERS[one.name].room for one in case.happenings}
    excused = {"gas"} if any(GAS in room for room in rooms) else set()
    return frozenset(excused | ({"sensing"} if any(ECG in room or PRESSURE in room for room in rooms) else set()))


def asked_of(case: Case, check: str) -> bool:
    """Whether a check of the safe state is asked of a case."""
    return not excused_by(case) & set(CHECKS[check].needs)


def judge(lane: Lane) -> Judged:
    """The verdict on a case that has run."""
    case, course, alarms = lane.case, lane.course, lane.ears.alarms
    broken = unsafe(course, excused_by(case))
    early = [one.name for one in alarms if one.begins * course.sample_s < SETTLED_S]
    late = [one for one in alarms if one.begins * course.sample_s >= SETTLED_S]
    result = Judged(case.number, {name: found[0] for name, found in broken.items()}, false=false_alarms(case, late, course), at_start=early)
    for one in case.happenings:
        owes(one, lane, result)
    result.missed.extend(f"{SILENCE} at {at * course.sample_s:.1f} s" for at in silent(course, alarms))
    return result


def silent(course: Course, alarms: Sequence[Alarmed]) -> list[int]:
    """Stretches in which the balloon rests and nothing says so: what recalled consoles did. First samples."""
    least, first = round(SILENT_S / course.sample_s), round(SETTLED_S / course.sample_s)
    still = ~course.whole("drive")
    still[:first] = False
    long = [(a, b) for a, b in runs(still) if b - a > least]
    return [a for a, b in long if not any(one.begins < a + least and (one.ends < 0 or one.ends > a + 1) for one in alarms)]


def false_alarms(case: Case, alarms: Sequence[Alarmed], course: Course) -> list[str]:
    """Alarms that neither a fault nor the heart's rhythm explains, nor, where they say that the balloon rests, its rest."""
    sample_s, drive = course.sample_s, course.whole("drive")
    fast_or_irregular = case.scenario.person.get("ectopics_per_min", 0) > 0 or "rhythm" in case.scenario.person or case.scenario.patient == "af"
    fast_or_irregular = fast_or_irregular or case.scenario.person["heart_rate_per_min"] > 110.0
    found = []
    for one in alarms:
        allowed = set(RHYTHM) if fast_or_irregular else set()
        allowed |= NOTCHLESS if case.scenario.patient == "aortic-regurgitation" else set()
        for fault in case.happenings:
            allowed |= may(fault.name) if one.begins * sample_s >= fault.begins_s else set()
        if one.name == REST and not drive[one.begins - round(RESTED_S / sample_s) : one.begins].any():
            continue
        if one.name not in allowed:
            found.append(f"{one.name} at {one.begins * sample_s:.1f} s")
    return found


def owes(one: Happening, lane: Lane, result: Judged) -> None:
    """Whether a fault got its alarm; a fault that could not show is masked."""
    answer, settings, sample_s = ANSWERS[one.name], lane.case.scenario.settings, lane.course.sample_s
    if not answer.alarms or not answer.must[0] <= one.severity <= answer.must[1] or not concerns(one, settings):
        return
    limit = answer.seen_s + max(LIMIT_s[name] for name in answer.alarms)
    before = [alarm for alarm in lane.ears.alarms if alarm.name in answer.alarms and (alarm.ends < 0 or alarm.ends * sample_s > one.begins_s)]
    after = min((alarm.begins * sample_s - one.begins_s for alarm in before), default=float("inf"))
    if after <= limit:
        result.answered.append((one.name, max(after, 0.0), limit))
    elif one.ends_s - one.begins_s < limit or one.begins_s + limit > SECONDS or hidden(one, lane, limit):
        result.masked.append(one.name)
    else:
        result.missed.append(f"{one.name} {one.severity:.3g}")


def concerns(one: Happening, settings: dict[str, float]) -> bool:
    """Whether a fault of one lead or source hits the chosen one, of a trigger that is in use."""
    room = ANSWERS[one.name].room
    if room == ECG and settings["trigger"] == int(Trigger.PRESSURE):
        return False
    if room == PRESSURE and one.place >= 0 and settings["mode"] == int(Mode.AUTOMATIC):
        return False  # the autopilot goes by another
    chosen = settings["ecg_lead"] if room == ECG else settings["pressure_source"]
    return one.place < 0 or one.place == chosen


def hidden(one: Happening, lane: Lane, limit: float) -> bool:
    """A gas fault that could not show: the balloon was not driven, or stopped for something else first."""
    if ANSWERS[one.name].room != GAS:
        return False
    if any(other is not one and GAS in ANSWERS[other.name].room and other.begins_s < one.begins_s + limit for other in lane.case.happenings):
        return True  # two faults of the gas at once may look like a third
    first, end = round((one.begins_s + 0.5) / lane.course.sample_s), round((one.begins_s + limit) / lane.course.sample_s)
    drive, rest = runs(lane.course.whole("drive")[first:end]), lane.course.per_sample("rest")[first:end]
    ended = len(drive) < TELLING and end - first - drive[-1][1] > STILL_S / lane.course.sample_s if drive else True
    return ended or bool(rest.any())
