"""What a console tells of its run besides the traces: beats, marks, numerics, alarms, log, changed values, the physiology view, the lesson.

Reads a run as it goes on; changes it only where a page asked for something that is an input (fill, acknowledge). Knows no web.
"""

from collections import deque
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from counterpulse.bed.compare import WITH
from counterpulse.bed.live import Input
from counterpulse.pump.control import Balloon
from counterpulse.pump.settings import Deflation, Mode, Trigger
from counterpulse.pump.state import source_delay_s
from counterpulse.refusal import RefusalError
from counterpulse.service import controls
from counterpulse.service.alerts import Lines, alerts, sound
from counterpulse.service.drips import scores
from counterpulse.service.organs import organs
from counterpulse.service.physiology import Errors, Truth
from counterpulse.service.protocol import Do, Set
from counterpulse.service.readings import Readings, mean
from counterpulse.service.tracks import Piece
from counterpulse.signals.sample import Sample, Source

if TYPE_CHECKING:
    from counterpulse.service.showing import Source as Run

PHYSIOLOGY_S = 2.0
HELIUM = ("baseline_mmHg", "plateau_mmHg", "peak_mmHg", "undershoot_mmHg", "width_s", "lost_mL", "filled_mL", "fills")
KEYS = {"acknowledge": "settings.acknowledge", "silence": "settings.silence", "fill": "settings.restart"}
FILLINGS_S = 3.0  # over which filling pressures are averaged


class Report:
    """Follows one run."""

    def __init__(self, run: "Run", lesson: Any = None) -> None:
        self.run, self.fs_hz = run, run.fs_hz
        self.readings = Readings(run.fs_hz, Sample.many(1), run.sample)
        self.truth: Truth | None = None
        self.errors: Errors | None = None
        self.timed: deque[Errors] = deque(maxlen=4)
        self.log: deque[dict[str, Any]] = deque(maxlen=200)
        self.lesson = lesson
        self._seen: dict[str, bytes] = {}
        self._values: dict[str, Any] = {}
        self._lines = Lines(run.pump)
        self._counts = (-1, -1, -1)
        self._physiology_s = 0.0

    # along the run

    def follow(self, piece: Piece) -> list[tuple[dict[str, Any], bool]]:
        """Take a piece; messages to send, each with whether mere viewers get it too."""
        found = [(mark, True) for mark in self._marks()]
        rows = self.readings.follow(piece, self.run.pump, self.run.settings)
        if piece.truth is not None:
            self.truth = self.truth or Truth(self.fs_hz, piece)
            self.truth.follow(piece)
        for row in rows:
            told = {"type": "beat", "time_s": row.end / self.fs_hz, "rr_s": (row.end - row.start) / self.fs_hz, **asdict(row)}
            self._time()
            found.append((told | self._error_words(), False))
        return found

    def _time(self) -> None:
        """Read the timing of the last inflation that is over, once."""
        errors = self.truth.errors() if self.truth is not None else None
        if errors is not None and (self.errors is None or errors.onset > self.errors.onset + 0.1 * self.fs_hz):
            self.timed.append(errors)
        self.errors = errors

    def timing(self, name: str) -> float | None:
        """Mean `inflation_error_ms` or `deflation_error_ms` of the last four inflations, none of them older than 10 s."""
        recent = [one for one in self.timed if self.run.sample - one.onset < 10.0 * self.fs_hz]
        return mean([one.inflation_ms if name == "inflation_error_ms" else one.deflation_ms for one in recent]) if len(recent) == 4 else None

    def stopped(self) -> float:
        """1 while an alarm keeps the pump stopped."""
        return float(self.run.pump.alarms.stopped != 0)

    def assisted_share(self) -> float:
        """Share of the last eight beats in which the balloon was driven; 0 where none came lately."""
        beats = list(self.readings.beats)[-8:]
        if not beats or self.run.sample - beats[-1].end > 4.0 * self.fs_hz:
            return 0.0
        return sum(row.assisted for row in beats) / len(beats)

    def _error_words(self) -> dict[str, float | None]:
        errors = self.errors
        return {"inflation_error_ms": errors.inflation_ms if errors else None, "deflation_error_ms": errors.deflation_ms if errors else None}

    def _marks(self) -> list[dict[str, Any]]:
        """What the console decided since last time."""
        pump = self.run.pump
        counts = (int(pump.beat_at), int(pump.inflate_at), int(pump.deflate_at))
        found = [
            {"type": "mark", "what": what, "sample": at}
            for what, at, before in zip(("trigger", "inflate", "deflate"), counts, self._counts, strict=True)
            if at != before and at >= 0
        ]
        first, self._counts = self._counts == (-1, -1, -1), counts
        return [] if first else found

    # five times a second

    def state(self) -> dict[str, Any]:
        """Numerics, alarms, new lines of the log, and what the pump does."""
        lines = sorted([*self.log, *self._lines.new(self.run.pump, self.fs_hz)], key=lambda line: line["time_s"])
        self.log.clear()
        on = alerts(self.run.pump, self.fs_hz)
        heard = sound(self.run.pump, self.run.sample, self.fs_hz)
        return {"numerics": self.numerics(), "alarms": on, "sound": heard, "log": lines, "pump": self.pump()}

    def public(self, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Lines that any bedside may read: what the console says, not what an instructor does."""
        return [line for line in lines if line["by"] == "pump"]

    def note(self, change: Set, sample: int) -> None:
        """A line of the log for a change."""
        by = "pump" if change.field.startswith("settings.") else "instructor"
        self.log.append({"time_s": sample / self.fs_hz, "sentence": controls.words(self.run.bed, change.field, change.value, change.place), "by": by})

    def numerics(self) -> dict[str, Any]:
        """What stands beside the traces."""
        pump, settings = self.run.pump, self.run.settings
        told = self.readings.numerics() | {
            "volume_mL": settings.volume_mL,
            "ratio": int(pump.choice.ratio),
            "helium": {name: rows[name] for rows in (pump.gas, pump.books) for name in HELIUM if name in rows.dtype.names},
        }
        if "dose" in self.run.records:
            told |= scores(self.run.bed.dose[WITH], float(self.run.bed.patient[WITH].weight_kg))
        if self.truth is not None:
            last = self.truth.wave(WITH)
            count = round(FILLINGS_S * self.fs_hz)
            right, lungs = last.ra[-count:], last.pa[-count:]
            told |= {"cvp_mmHg": right.mean(), "pa_systolic_mmHg": lungs.max(), "pa_diastolic_mmHg": lungs.min(), "pa_mean_mmHg": lungs.mean()}
            told["co_L_min"] = mean([float(last.aortic.mean()) * 0.06])
            told |= organs(self.run.bed.regulation[WITH])
        return told

    def pump(self) -> dict[str, Any]:
        """The pump in words."""
        pump, settings, choice = self.run.pump, self.run.settings, self.run.pump.choice
        return {
            "trigger": controls.word(Trigger(int(choice.trigger))), "lead": controls.LEADS[int(choice.ecg_lead)],
            "source": controls.word(Source(int(choice.pressure_source))), "delay_ms": round(1000.0 * source_delay_s(pump)), "ratio": int(choice.ratio),
            "deflation": controls.word(Deflation(int(choice.deflation))), "mode": controls.word(Mode(int(settings.mode))),
            "balloon": controls.word(Balloon(int(pump.balloon))), "standby": bool(settings.standby), "irregular": bool(pump.irregular),
            "inflations": int(pump.inflations), "aborts": int(pump.aborts), "omitted": int(pump.omitted), "volume_mL": settings.volume_mL,
        }  # fmt: skip

    def values(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Values of fields that have changed since last time, and all of them."""
        bed, changed = self.run.bed, {}
        for record in self.run.records:
            now = getattr(bed, record)[WITH].tobytes()
            if self._seen.get(record) == now:
                continue
            self._seen[record] = now
            row = getattr(bed, record)[WITH]
            for one in controls.controls((record,)):
                key, value = controls.key_of(one), controls.value_in(row, one)
                if self._values.get(key) != value:
                    self._values[key] = changed[key] = value
        for (field, place), value in (self.run.faults or {}).items():
            key = field if place < 0 else f"{field}@{place}"
            if self._values.get(key) != value:
                self._values[key] = changed[key] = value
        return changed, self._values

    def physiology(self) -> dict[str, Any] | None:
        """The physiology view's message, when it is time for one."""
        now = self.run.sample / self.fs_hz
        if self.truth is None or abs(now - self._physiology_s) < PHYSIOLOGY_S:
            return None
        self._physiology_s = now
        told = self.truth.told(self.run.bed, int(self.run.pump.choice.ratio))
        return told | {"timing": told["timing"] | {"last": self._error_words()}}

    # asked for

    def do(self, message: Do) -> None:
        """What a page asked for besides the clock: keys of the pump are inputs like any other. Raises RefusalError for what is not possible here."""
        if message.what in KEYS:
            field = KEYS[message.what]
            pressed = int(self.run.settings[field.partition(".")[2]]) + 1
            self.run.change(Input(self.run.sample, field, pressed))
        elif message.what in ("answer", "explain") and self.lesson is not None:
            self.lesson.do(message, self)
        else:
            raise RefusalError("There is no lesson here.")

    def lesson_told(self) -> dict[str, Any] | None:
        """The lesson as a page shows it."""
        return self.lesson.told() if self.lesson else None

    def lesson_news(self) -> dict[str, Any] | None:
        """The lesson, if something about it has changed."""
        return self.lesson.look(self) if self.lesson else None

    def recording(self) -> dict[str, Any] | None:
        """What is known of a recording that is played."""
        return getattr(self.run, "about", None)


