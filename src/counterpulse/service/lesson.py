"""Lessons: a scenario with a task, conditions that are checked while it runs, perhaps a question, and an explanation with its sources.

A lesson file is a scenario file (`cohort.scenario`) with further sections: [lesson], [[choice]], [[check]], [[source]], and [[step]], the right action, which
no page is told and the tests take. Reads a run through its `Report`; changes it only as a chosen answer says. Times of checks in s from the opening.
"""

import tomllib
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from counterpulse.bed.compare import WITH
from counterpulse.bed.live import Input
from counterpulse.cohort.scenario import Scenario, check_scenario, parse_scenario
from counterpulse.pump.alarms import Alarm
from counterpulse.refusal import RefusalError
from counterpulse.service.protocol import Do, shortened

if TYPE_CHECKING:
    from collections.abc import Callable

    from counterpulse.service.report import Report

SECTIONS = ("lesson", "choice", "check", "source", "step")
GROUPS = ("Timing", "Rhythm", "Signals", "Helium and catheter", "Patient", "Weaning", "Console")


@dataclass(frozen=True)
class Condition:
    """A quantity and the range in which it must lie; see `measure` for the names."""

    what: str
    low: float = float("-inf")
    high: float = float("inf")


@dataclass(frozen=True)
class Check:
    """Something to be done: all conditions at once, for `hold_s`, from `from_s` on."""

    sentence: str
    all: tuple[Condition, ...]
    hold_s: float = 3.0
    from_s: float = 0.0


@dataclass(frozen=True)
class Choice:
    """An answer: whether it is right, what is said to it, and what it does to the run."""

    text: str
    right: bool = False
    said: str = ""
    set: tuple[dict[str, Any], ...] = ()


@dataclass(frozen=True)
class Lesson:
    """One lesson file."""

    name: str
    scenario: Scenario
    title: str
    group: str
    minutes: int
    task: str
    explanation: list[str]
    question: str = ""
    hint: str = ""
    ordered: bool = False  # a check counts once those before it are met
    choices: tuple[Choice, ...] = ()
    checks: tuple[Check, ...] = ()
    sources: tuple[dict[str, str], ...] = ()
    steps: tuple[dict[str, Any], ...] = ()


def folder() -> Path:
    """Where the lessons lie."""
    return Path(str(resources.files("counterpulse.service") / "lessons"))


def names() -> list[str]:
    """Slugs of the lessons."""
    return sorted(path.stem for path in folder().glob("*.toml"))


def read_lesson(name: str) -> Lesson:
    """A lesson by its slug. Raises RefusalError for one that is not there or is written wrongly."""
    if name not in names():
        raise RefusalError(f"There is no lesson {shortened(name)}; the lessons are {', '.join(names())}.")
    document = tomllib.loads((folder() / f"{name}.toml").read_text(encoding="utf-8"))
    own = {section: document.pop(section, [] if section != "lesson" else {}) for section in SECTIONS}
    document["scenario"].setdefault("fs_hz", 500.0)
    lesson = Lesson(
        name, check_scenario(parse_scenario(document, Path(name)), name), **own["lesson"],
        choices=tuple(Choice(**one | {"set": tuple(one.get("set", ()))}) for one in own["choice"]),
        checks=tuple(Check(**one | {"all": tuple(Condition(**part) for part in one["all"])}) for one in own["check"]),
        sources=tuple(own["source"]), steps=tuple(own["step"]),
    )  # fmt: skip
    if lesson.group not in GROUPS or any({*source} != {"text", "where", "certainty"} for source in lesson.sources):
        raise RefusalError(f"The lesson {name} is of no known group, or has a source without text, where and certainty.")
    return lesson


def listed() -> list[dict[str, Any]]:
    """What the start page shows, group by group."""
    found = sorted(map(read_lesson, names()), key=lambda one: (GROUPS.index(one.group), one.title))
    return [{"lesson": one.name, "title": one.title, "task": one.task, "group": one.group, "minutes": one.minutes} for one in found]


def measure(report: "Report", numerics: dict[str, Any], what: str) -> float | None:
    """A quantity of a run by name; None where there is none now. Raises KeyError for a name that is none.

    `numerics.KEY`; `helium.KEY`; `timing.inflation_error_ms` or `deflation_` (mean of the last four); `field.RECORD.FIELD`; `choice.FIELD` (what the
    pump goes by); `fault.NAME` (severity now, 0 = over); `alarm.NAME` (1 = on); `stopped` (1 = an alarm has stopped the pump); `assisted_share`.
    """
    kind, _, name = what.partition(".")
    bed = report.run.bed
    record, _, part = name.partition(".")
    known: dict[str, Callable[[], float | None]] = {
        "numerics": lambda: numerics[name],
        "helium": lambda: float(numerics["helium"][name]),
        "timing": lambda: report.timing(name),
        "field": lambda: float(getattr(bed, record)[WITH][part]),
        "choice": lambda: float(report.run.pump.choice[name]),
        "fault": lambda: max((value for (field, _), value in (report.run.faults or {}).items() if field == what), default=0.0, key=abs),
        "alarm": lambda: float(report.run.pump.alarms.raised[Alarm[name.upper().replace("-", "_")]] >= 0),
        "stopped": report.stopped,
        "assisted_share": report.assisted_share,
    }
    return known[kind]()


@dataclass
class Progress:
    """How far a lesson has come in one run."""

    lesson: Lesson
    opened_s: float | None = None
    met: list[bool] = field(default_factory=list)
    since: list[float | None] = field(default_factory=list)
    answered: int | None = None
    explained: bool = False
    _told: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        """Nothing is met yet."""
        self.met = [False] * len(self.lesson.checks)
        self.since = [None] * len(self.lesson.checks)

    @property
    def right(self) -> bool:
        """Whether the question, if there is one, has its right answer."""
        return not self.lesson.choices or (self.answered is not None and self.lesson.choices[self.answered].right)

    @property
    def done(self) -> bool:
        """Whether all is done."""
        return all(self.met) and self.right

    def look(self, report: "Report") -> dict[str, Any] | None:
        """Check what holds now; the message if something has changed."""
        now = report.run.sample / report.fs_hz
        self.opened_s = now if self.opened_s is None else self.opened_s
        numerics = report.numerics()
        for k, check in enumerate(self.lesson.checks):
            waits = (self.lesson.ordered and not all(self.met[:k])) or now - self.opened_s < check.from_s
            if self.met[k] or waits or not self._holds(report, numerics, check):
                self.since[k] = None
                continue
            self.since[k] = now if self.since[k] is None else self.since[k]
            self.met[k] = now - (self.since[k] or now) >= check.hold_s
        told = self.told()
        news, self._told = (told if told != self._told else None), told
        return news

    def _holds(self, report: "Report", numerics: dict[str, Any], check: Check) -> bool:
        values = [(measure(report, numerics, one.what), one) for one in check.all]
        return all(value is not None and one.low <= value <= one.high for value, one in values)

    def do(self, message: Do, report: "Report") -> None:
        """Take an answer, or show the explanation. Raises RefusalError for an answer that there is not."""
        if message.what == "explain":
            self.explained = True
            return
        place = int(message.value)
        if place != message.value or not 0 <= place < len(self.lesson.choices):
            raise RefusalError(f"The answer is {message.value:g}; it must be one of 0 to {len(self.lesson.choices) - 1}.")
        self.answered = place
        for one in self.lesson.choices[place].set:
            report.run.change(Input(report.run.sample, one["field"], float(one["value"]), one.get("place", -1)))

    def told(self) -> dict[str, Any]:
        """What a page is told; the explanation once it is asked for or all is done."""
        one, chosen = self.lesson, None if self.answered is None else self.lesson.choices[self.answered]
        verdict = "" if chosen is None else f"{'Right.' if chosen.right else 'Not so.'} {chosen.said}".strip()
        shown = self.explained or self.done
        return {
            "type": "lesson", "lesson": one.name, "title": one.title, "task": one.task, "hint": one.hint, "question": one.question,
            "choices": [choice.text for choice in one.choices], "answered": self.answered, "verdict": verdict, "done": self.done,
            "checks": [
                {"sentence": check.sentence, "state": "met" if met else "open", "seen": "" if met or since is None else "holds now, keep it"}
                for check, met, since in zip(one.checks, self.met, self.since, strict=True)
            ],
            "explanation": one.explanation if shown else None, "sources": [source_words(source) for source in one.sources] if shown else [],
        }  # fmt: skip


def source_words(source: dict[str, str]) -> dict[str, str]:
    """A source as the page shows it."""
    return {"text": source["text"], "where": f"{source['where']}; {source['certainty']}"}


