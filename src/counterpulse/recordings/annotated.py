"""The annotated recordings of a folder, ready to be scored: one lead, one pressure, the marks of others, and from when on it counts.

Knows no detector. R marks come from the annotations beside a record; onsets have no annotation anywhere at hand, so one pulse is expected
per R mark; systolic peaks and notches come from a silver list. Times in s.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from counterpulse.recordings.annotations import ANNOTATORS, SILVER_BEATS, Marks, annotations
from counterpulse.recordings.channels import TO_MMHG, TO_MV, in_unit, pick
from counterpulse.recordings.open import open_recording
from counterpulse.recordings.recording import Channel, Recording
from counterpulse.refusal import RefusalError

EC57_LEARNING_s = 300.0  # ANSI/AAMI EC57:2012: the first five minutes of a record are for learning (from memory)
SHORT_LEARNING_s = 10.0  # this project's own rule for records too short for that
RATES_Hz = (125.0, 1000.0)
ENDINGS = (".hea", ".edf", ".bdf", ".csv", ".tsv", ".parquet")


class Case(NamedTuple):
    """One annotated recording. `lead` in mV and `pressure` in mmHg, each with its rate in Hz; None where there is none."""

    name: str
    lead: tuple[NDArray[np.float64], float] | None
    lead_name: str
    pressure: tuple[NDArray[np.float64], float] | None
    r: Marks | None
    systole: Marks | None
    notch: Marks | None
    from_s: float
    duration_s: float


def cases(folder: Path) -> tuple[list[Path], Iterator[Case | str]]:
    """The files of annotated recordings under `folder`, and an iterator that opens them one by one: a case, or a sentence why there is none.

    Raises RefusalError where the folder has no annotated recording.
    """
    if not folder.is_dir():
        raise RefusalError(f"{folder} is not a folder; name a folder of recordings with annotations (.atr, .qrs or .qrsm beside each).")
    files = [file for file in sorted(folder.rglob("*")) if file.suffix.lower() in ENDINGS and file.name != SILVER_BEATS and _annotated(file)]
    if not files:
        raise RefusalError(f"{folder} holds no annotated recording: beside each, a file of the same name ending in .atr, .qrs or .qrsm is looked for.")
    return files, map(_case, files)


def _annotated(file: Path) -> bool:
    return any(file.with_suffix(f".{ending}").exists() for ending, _ in ANNOTATORS)


def _case(file: Path) -> Case | str:
    try:
        recording = open_recording(file)
        picked = pick(recording)
    except RefusalError as problem:
        return str(problem)
    marks, problems = annotations(recording)
    if not marks:
        return problems[0] if problems else f"{recording.name}: its annotations hold no mark."
    given = {one.kind: one for one in marks}
    leads = [one for one in recording.channels if one in picked.ecg]  # EC57 scores the first signal of the file
    whole = recording.duration_s
    return Case(
        recording.name, _ready(leads[0], TO_MV) if leads else None, leads[0].name if leads else "",
        _ready(picked.arterial[picked.source], TO_MMHG) if picked.source in picked.arterial else None,
        given.get("r"), given.get("systole"), given.get("notch"), _from_s(recording), whole,
    )  # fmt: skip


def _from_s(recording: Recording) -> float:
    return EC57_LEARNING_s if recording.duration_s >= 2 * EC57_LEARNING_s else SHORT_LEARNING_s


def _ready(channel: Channel, table: dict[str, float]) -> tuple[NDArray[np.float64], float] | None:
    low, high = RATES_Hz
    return (in_unit(channel, table), channel.fs_hz) if low <= channel.fs_hz <= high else None
