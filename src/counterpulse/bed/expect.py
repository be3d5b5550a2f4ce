"""What a run is expected to show, judged while it runs or afterwards: alarms, an empty balloon, numbers of beats, a field.

A `Watcher` sees a lane's run piece by piece and keeps only what its expectations still need. Times in s from the start of the run; samples inside.
Knows no files; how a scenario writes an expectation stands in `cohort.scenario`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from counterpulse.bed.beats import rows_of
from counterpulse.bed.channels import SITES, Wave
from counterpulse.bed.safety import CHECKS, Course
from counterpulse.bed.tick import Bed, Trace
from counterpulse.pump.alarms import Alarm, named
from counterpulse.refusal import RefusalError

KINDS = {
    "alarm": "`name` (or one of several, with | between) is raised within `within_s` of `from_s`",
    "no-alarm": "neither `name` (or any, when it is any) is on nor raised from `from_s` to `to_s`",
    "flat": "the balloon stays empty from `from_s` to `to_s`",
    "deflated": "the balloon is empty `within_s` after `from_s`",
    "beats": "the mean of the beat quantity `name` (a key of `run`) lies in `low` to `high` from `from_s` to `to_s`",
    "assisted": "inflations per QRS lie in `low` to `high` from `from_s` to `to_s`",
    "safe": "the safe state (`bed.safety`) holds from the start to `to_s`; `name` may be one of its checks",
    "field": "RECORD.FIELD in `name` lies in `low` to `high` at `to_s`",
}
WITHIN = ("alarm", "deflated")
EMPTY_SHARE = 0.1  # of what the balloon holds beyond its wrapped volume: CONTRACTS.md, emptied = 10 % left
MET, FAILED, OPEN = "met", "failed", "open"
SEEN = ("tone", "catheter", "monitor", "settings", "pump")  # records that an expectation may read


@dataclass(frozen=True)
class Expect:
    """One expectation; see `KINDS` for which fields a kind reads. `to_s` is the end of the run where it is not given."""

    kind: str
    name: str = ""
    from_s: float = 0.0
    to_s: float = float("inf")
    within_s: float = 0.0
    low: float = float("-inf")
    high: float = float("inf")
    place: int = -1
    why: str = ""

    @property
    def ends_s(self) -> float:
        """When it can be judged."""
        return self.from_s + self.within_s if self.kind in WITHIN else self.to_s


class Verdict(NamedTuple):
    """How an expectation fared: met, failed or open, the number it rests on (None where there is none), and a sentence."""

    expect: Expect
    state: str
    found: float | None
    sentence: str


class Alarmed(NamedTuple):
    """An alarm's stay: name, first and last sample (-1: still on)."""

    name: str
    begins: int
    ends: int


def sounding(pump: Any) -> dict[str, int]:
    """Alarms that are on in a console, with the sample each began at."""
    return {slug(alarm.name): int(pump.alarms.raised[alarm]) for alarm in named(int(pump.alarms.mask))}


def slug(name: str) -> str:
    """A name as files write it."""
    return name.lower().replace("_", "-")


ALARMS = tuple(slug(one.name) for one in Alarm if one)


def checked(expect: Expect, bed: Any) -> Expect:
    """The expectation, if it can be judged on such a bed. Raises RefusalError for a kind, name or time that is none."""
    if expect.kind not in KINDS:
        raise RefusalError(f"The expectation is of kind {expect.kind!r:.60}; it must be one of {', '.join(KINDS)}.")
    known = (*ALARMS, "any") if expect.kind == "no-alarm" else ALARMS
    if expect.kind in ("alarm", "no-alarm") and not set(expect.name.split("|")) <= set(known):
        raise RefusalError(f"The expected alarm is {expect.name!r:.60}; it must be one of {', '.join(ALARMS)}.")
    if expect.kind == "field":
        read(bed, 0, expect)
    if expect.kind == "safe" and expect.name not in ("", *CHECKS):
        raise RefusalError(f"The check of the safe state is {expect.name!r:.60}; it must be one of {', '.join(CHECKS)}.")
    if not expect.from_s <= expect.ends_s or (expect.kind in WITHIN and expect.within_s <= 0.0):
        raise RefusalError(f"The expectation {expect.kind} {expect.name} ends at {expect.ends_s:g} s; it must end after it begins, at {expect.from_s:g} s.")
    return expect


def read(bed: Any, lane: int, expect: Expect) -> float:
    """The value of RECORD.FIELD, or RECORD.FIELD.FIELD, in a bed. Raises RefusalError where there is none."""
    value: Any = bed
    for depth, part in enumerate(expect.name.split(".")):
        known = SEEN if depth == 0 else (value.dtype.names or ())
        if part not in known:
            raise RefusalError(f"There is no field {expect.name!r:.60} to expect something of; {part!r:.40} must be one of {', '.join(known[:80]) or 'none'}.")
        value = getattr(value, part)[lane] if depth == 0 else value[part]
    numbers = np.atleast_1d(np.asarray(value))
    if numbers.dtype.names or numbers.ndim != 1 or not -1 <= expect.place < len(numbers) or (len(numbers) > 1 and expect.place < 0):
        raise RefusalError(f"The field {expect.name} is {len(numbers)} numbers; name one by its place, from 0.")
    return float(numbers[max(expect.place, 0)])


@dataclass
class Watcher:
    """Judges the expectations of one lane as its run goes on."""

    expects: Sequence[Expect]
    bed: Bed
    sample_s: float
    lane: int = 0
    site: str = "root"
    now: int = 0
    alarms: list[Alarmed] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    kept: list[tuple[int, Trace]] = field(default_factory=list)
    course: Course | None = None

    def __post_init__(self) -> None:
        """Every expectation is open."""
        if any(one.kind == "safe" for one in self.expects):
            self.course = Course(self.bed, self.sample_s, self.lane)
        self.verdicts = [Verdict(one, OPEN, None, "") for one in self.expects]
        if self.site not in SITES:
            raise RefusalError(f"The site is {self.site!r:.60}; it must be one of {', '.join(SITES)}.")

    def see(self, pieces: Sequence[Trace], last: bool = False) -> list[Verdict]:
        """Take the next pieces of the run; `last` ends it. Returns what was decided now."""
        for piece in pieces:
            self.kept.append((self.now, piece))
            self.now += len(piece.valve)
        if self.course is not None:
            self.course.see(list(pieces))
        self.hear()
        due = [i for i, one in enumerate(self.verdicts) if one.state == OPEN and (last or self.now * self.sample_s >= one.expect.ends_s)]
        due += [i for i, one in enumerate(self.verdicts) if one.state == OPEN and i not in due and one.expect.kind == "alarm" and self.raised(one.expect)]
        for i in due:
            self.verdicts[i] = self.judge(self.expects[i])
        self.forget()
        return [self.verdicts[i] for i in due]

    def hear(self) -> None:
        """Keep when alarms come and go."""
        on = sounding(self.bed.pump[self.lane])
        for i, one in enumerate(self.alarms):
            if one.ends < 0 and on.get(one.name) != one.begins:
                self.alarms[i] = one._replace(ends=self.now)
        known = {(one.name, one.begins) for one in self.alarms}
        self.alarms += [Alarmed(name, at, -1) for name, at in on.items() if (name, at) not in known]

    def forget(self) -> None:
        """Drop the pieces that no open expectation needs."""
        needs = [one.expect.from_s for one in self.verdicts if one.state == OPEN and one.expect.kind in ("flat", "deflated", "beats", "assisted")]
        first = min(needs, default=float("inf")) / self.sample_s
        self.kept = [(at, piece) for at, piece in self.kept if at + len(piece.valve) > first]

    def raised(self, expect: Expect) -> list[Alarmed]:
        """Stays of the expected alarm that touch its stretch."""
        first, end = expect.from_s / self.sample_s, expect.ends_s / self.sample_s
        wanted = [one for one in self.alarms if one.name in expect.name.split("|") or expect.name == "any"]
        return [one for one in wanted if one.begins <= end and (one.ends < 0 or one.ends > first)]

    def judge(self, expect: Expect) -> Verdict:
        """Decide an expectation with what has been seen."""
        judged = {
            "alarm": self.judge_alarm, "no-alarm": self.judge_silence, "flat": self.judge_flat, "deflated": self.judge_deflated,
            "beats": self.judge_beats, "assisted": self.judge_assisted, "field": self.judge_field, "safe": self.judge_safe,
        }  # fmt: skip
        met, found, words = judged[expect.kind](expect)
        return Verdict(expect, MET if met else FAILED, None if found is None or not np.isfinite(found) else float(found), words)

    def judge_alarm(self, expect: Expect) -> tuple[bool, float | None, str]:
        """When the alarm came."""
        stays = self.raised(expect)
        if not stays:
            return False, None, f"The alarm {expect.name} was not raised within {expect.within_s:g} s of {expect.from_s:g} s."
        after = max(min(one.begins for one in stays) * self.sample_s - expect.from_s, 0.0)
        return True, after, f"The alarm {expect.name} was raised after {after:.2f} s; allowed were {expect.within_s:g} s."

    def judge_silence(self, expect: Expect) -> tuple[bool, float | None, str]:
        """Whether an alarm came that should not."""
        stays = self.raised(expect)
        listed = ", ".join(f"{one.name} at {one.begins * self.sample_s:.2f} s" for one in stays[:5])
        return not stays, float(len(stays)), f"Alarms: {listed}." if stays else "No such alarm was on."

    def stretch(self, expect: Expect) -> Wave:
        """The kept signals of its stretch; `deflated` has all that was seen of it."""
        first, end = round(expect.from_s / self.sample_s), round(min(expect.ends_s / self.sample_s, self.now))
        parts = [(piece, max(first - at, 0), min(end - at, len(piece.valve))) for at, piece in self.kept]
        parts = [part for part in parts if part[1] < part[2]]
        if not parts:
            return Wave(np.zeros((0, 0)), np.zeros(0, np.int64), self.sample_s)
        signals = np.concatenate([piece.signals[a:b, self.lane] for piece, a, b in parts])
        return Wave(signals, np.concatenate([piece.beat[a:b, self.lane] for piece, a, b in parts]), self.sample_s)

    def filled_share(self, wave: Wave) -> Any:
        """Share of the balloon's own room that is filled, per sample."""
        catheter = self.bed.catheter[self.lane]
        return (wave.balloon_mL - catheter.wrapped_mL) / max(float(catheter.nominal_mL - catheter.wrapped_mL), 1.0)

    def judge_flat(self, expect: Expect) -> tuple[bool, float | None, str]:
        """The most gas that was in the balloon."""
        wave = self.stretch(expect)
        most = float(self.filled_share(wave).max()) if len(wave) else float("nan")
        return most <= EMPTY_SHARE, most, f"The balloon was at most {100 * most:.0f} % filled."

    def judge_deflated(self, expect: Expect) -> tuple[bool, float | None, str]:
        """Time until the balloon was empty."""
        wave = self.stretch(expect)
        filled = np.flatnonzero(self.filled_share(wave) > EMPTY_SHARE) if len(wave) else np.zeros(0, int)
        after = float((filled[-1] + 1) * self.sample_s) if len(filled) else 0.0
        if not len(wave) or after >= expect.within_s - 0.5 * self.sample_s:
            return False, None, f"The balloon was not empty {expect.within_s:g} s after {expect.from_s:g} s."
        return True, after, f"The balloon was empty from {1000 * after:.0f} ms on; allowed were {1000 * expect.within_s:.0f} ms."

    def judge_beats(self, expect: Expect) -> tuple[bool, float | None, str]:
        """Mean of a beat quantity."""
        wave = self.stretch(expect)
        _, rows = rows_of(wave, self.site, float(self.bed.patient[self.lane].lv_v0_mL)) if len(wave) else ([], [])
        if rows and expect.name not in rows[0]:
            return False, None, f"Beats have no {expect.name}; they have {', '.join(rows[0])}."
        mean = float(np.mean([row[expect.name] for row in rows])) if rows else float("nan")
        return expect.low <= mean <= expect.high, mean, f"{expect.name} was {mean:.4g} over {len(rows)} beats; expected {bounds(expect)}."

    def judge_assisted(self, expect: Expect) -> tuple[bool, float | None, str]:
        """Inflations per QRS."""
        wave = self.stretch(expect)
        beats = int(wave.beat[-1] - wave.beat[0]) if len(wave) else 0
        full = self.filled_share(wave) > 0.5 if len(wave) else np.zeros(0, bool)
        share = float((full[1:] & ~full[:-1]).sum() / beats) if beats else float("nan")
        return expect.low <= share <= expect.high, share, f"{share:.3f} inflations per QRS; expected {bounds(expect)}."

    def judge_safe(self, expect: Expect) -> tuple[bool, float | None, str]:
        """Checks of the safe state that were broken so far."""
        broken = {name: CHECKS[name].broken(self.course) for name in ([expect.name] if expect.name else CHECKS)} if self.course else {}
        listed = [f"{name} at {found[0] * self.sample_s:.2f} s" for name, found in broken.items() if found]
        return not listed, float(len(listed)), f"The safe state was broken: {', '.join(listed)}." if listed else "The safe state held."

    def judge_field(self, expect: Expect) -> tuple[bool, float | None, str]:
        """A field now."""
        value = read(self.bed, self.lane, expect)
        return expect.low <= value <= expect.high, value, f"{expect.name} is {value:.6g}; expected {bounds(expect)}."


def bounds(expect: Expect) -> str:
    """Words for a range."""
    if np.isinf(expect.low):
        return f"at most {expect.high:g}"
    return f"at least {expect.low:g}" if np.isinf(expect.high) else f"{expect.low:g} to {expect.high:g}"
