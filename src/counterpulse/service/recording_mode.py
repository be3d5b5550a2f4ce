"""A recording with the pump along it, as a console plays it: the same `control` that runs live, row by row; the patient answers nothing.

Knows a folder of files and rows of `Sample`; settings are the only thing that can be changed. Times in s from the first row.
"""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from counterpulse.bed.compare import WITH
from counterpulse.bed.live import CHECKS, Input, apply
from counterpulse.bed.replay import BeatMark, Stay, along
from counterpulse.pump.control import start_pump
from counterpulse.pump.settings import Settings, SOURCE_DELAY_ms, Trigger
from counterpulse.recordings.channels import Picked, pick
from counterpulse.recordings.open import open_recording
from counterpulse.recordings.samples import prepare
from counterpulse.refusal import RefusalError
from counterpulse.service.controls import check
from counterpulse.service.tracks import RECORDED, Piece

KINDS = (".hea", ".edf", ".bdf", ".csv", ".parquet")
MOST = 500


def listed(folder: Path) -> list[dict[str, Any]]:
    """The recordings below a folder, by their path in it, with their length where a header tells it."""
    root = folder.resolve()
    files = sorted(file for kind in KINDS for file in root.rglob(f"*{kind}") if file.resolve().is_relative_to(root))
    return [{"recording": file.relative_to(root).as_posix(), "seconds": length(file)} for file in files[:MOST]]


def length(file: Path) -> float | None:
    """Seconds of a WFDB record from its header's first line; None where it does not tell."""
    if file.suffix != ".hea":
        return None
    try:
        words = next(line for line in file.read_text(encoding="latin-1").splitlines() if line.strip() and not line.startswith("#")).split()
        return int(words[3]) / float(words[2].partition("/")[0])
    except (OSError, StopIteration, IndexError, ValueError, ZeroDivisionError):
        return None


class Playing:
    """A recording that is being played: `settings` and `pump` are the console's."""

    tracks = RECORDED
    records: tuple[str, ...] = ("settings",)
    faults = None

    def __init__(self, folder: Path, name: str) -> None:
        """Raises RefusalError for a name that is not in the folder, or a file that the pump cannot run along."""
        if name not in {one["recording"] for one in listed(folder)}:
            raise RefusalError(f"There is no recording {name[:80]!r} in the folder of recordings.")
        recording = open_recording(folder.resolve() / name)
        picked = pick(recording)
        prepared = prepare(picked)
        self.rows, self.fs_hz, self.title = prepared.samples, float(prepared.fs_hz), recording.name
        self.about = {"recording": name, "seconds": len(self.rows) / self.fs_hz, "sentences": [*picked.sentences, *prepared.sentences, *recording.notes]}
        self.sample, self.inputs = 0, []
        console = settings_of(picked)
        self.bed = SimpleNamespace(
            **{record: getattr(kind, "__self__").many(2) for record, kind in CHECKS.items()},  # noqa: B009  a bound method's own class
            pump=np.array([start_pump(console, self.fs_hz)] * 2).view(np.recarray),
        )
        self.bed.settings[WITH] = console
        self._r_at = -1

    @property
    def pump(self) -> Any:
        """The console's memory."""
        return self.bed.pump[WITH]

    @property
    def settings(self) -> Any:
        """What the clinician has set."""
        return self.bed.settings[WITH]

    @property
    def left(self) -> int:
        """Samples that are still to come."""
        return len(self.rows) - self.sample

    def change(self, change: Input) -> None:
        """Take a setting. Raises RefusalError for anything else."""
        if change.field.partition(".")[0] != "settings":
            raise RefusalError("A recording does not answer; only the pump's settings can be changed along it.")
        check(self.bed, change)
        apply(self.bed, WITH, change)  # pyright: ignore[reportArgumentType]
        self.inputs.append(change._replace(sample=self.sample))

    def advance(self, samples: int) -> Piece:
        """The next rows, and what the pump would do."""
        first, rows = self.sample, self.rows[self.sample : self.sample + samples]
        count = len(rows)
        valve, masks, fill_mL = np.zeros(count, np.int8), np.zeros(count, np.int64), np.zeros(count)
        marks = BeatMark.many(count // 8 + 8), Stay.many(count // 8 + 8)
        taken, _ = along(self.settings, self.pump, rows, (valve, fill_mL, masks), marks)
        seen = np.zeros(count, np.int8)
        seen[marks[0].known_at[:taken]] = 1
        self.sample += count
        return Piece(first, rows, valve, seen)

    def scenario(self) -> str:
        """Raises RefusalError: a recording is a file already."""
        raise RefusalError("A recording cannot be saved as a scenario: it has no patient and no seed.")


def settings_of(picked: Picked) -> Settings:
    """The console's settings: the pressure that the recording names, its ECG if there is one."""
    trigger = Trigger.ECG if picked.ecg else Trigger.PRESSURE
    source = {"pressure_source": int(picked.source), "source_delay_ms": SOURCE_DELAY_ms[picked.source]}
    return Settings.check(Settings(trigger=trigger, gas_watched=0, **source))
