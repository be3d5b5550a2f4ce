"""Marks that others made on a recording: beats (.atr reference, .qrsm silver), systolic peaks and notches (silver_beats.csv). Times in s from its start.

Silver = made by a machine's vote and not reviewed by a clinician. Knows where such files lie beside a record, not how marks are scored.
"""

import warnings
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from counterpulse.recordings import wfdb_file
from counterpulse.recordings.recording import BROKEN, Recording

BEAT_CODES = (*range(1, 14), 25, 30, 31, 34, 35, 38, 41)  # isqrs() of the WFDB library's ecgmap.h: codes that mark a beat
ANNOTATORS = (("atr", False), ("qrs", True), ("qrsm", True))
SILVER_BEATS = "silver_beats.csv"
SILVER_COLUMNS = {"systole": "systolic_peak_sample", "notch": "notch_sample"}


@dataclass(frozen=True)
class Marks:
    """Times of one kind of mark (`r`, `systole` or `notch`), where they come from, and whether they are silver."""

    kind: str
    times_s: NDArray[np.float64]
    origin: str
    silver: bool

    def between(self, start_s: float, stop_s: float) -> "Marks":
        """Those from `start_s` up to `stop_s`."""
        return replace(self, times_s=self.times_s[(self.times_s >= start_s) & (self.times_s < stop_s)])


def annotations(recording: Recording) -> tuple[tuple[Marks, ...], tuple[str, ...]]:
    """Marks found beside the recording, and a sentence for each file that is there and cannot be read."""
    found, sentences = [], []
    fs_hz = recording.frame_hz or recording.channels[0].fs_hz
    for ending, silver in ANNOTATORS:
        file = Path(f"{recording.path}.{ending}") if not Path(recording.path).suffix else Path(recording.path).with_suffix(f".{ending}")
        if file.exists():
            try:
                found.append(Marks("r", _beats(file, ending, fs_hz), file.name, silver))
                break
            except BROKEN as problem:
                sentences.append(f"The annotations {file.name} cannot be read ({' '.join(str(problem).split())[:80]}).")
    silver_marks, problem = _silver(recording, fs_hz)
    return (*found, *silver_marks), (*sentences, *problem)


def _beats(file: Path, ending: str, fs_hz: float) -> NDArray[np.float64]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read = wfdb_file.wfdb().rdann(str(file.with_suffix("")), ending, return_label_elements=["label_store"])
    samples = np.asarray(read.sample)[np.isin(np.asarray(read.label_store), BEAT_CODES)]
    return np.sort(samples) / float(read.fs or fs_hz)


def _silver(recording: Recording, fs_hz: float) -> tuple[list[Marks], list[str]]:
    folder = Path(recording.path).parent
    file = next((place / SILVER_BEATS for place in (folder, folder.parent) if (place / SILVER_BEATS).exists()), None)
    if file is None:
        return [], []
    try:
        rows = pl.read_csv(file, schema_overrides={"record": pl.String}).filter(pl.col("record") == recording.name)
        told = {kind: rows[column].drop_nulls().to_numpy() / fs_hz for kind, column in SILVER_COLUMNS.items() if column in rows.columns}
    except (*BROKEN, pl.exceptions.PolarsError) as problem:
        return [], [f"The annotations {file.name} cannot be read ({' '.join(str(problem).split())[:80]})."]
    return [Marks(kind, times, file.name, silver=True) for kind, times in told.items() if len(times)], []
