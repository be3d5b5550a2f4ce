"""CSV and Parquet tables: one column a channel, a time column or a stated rate, units in the column's name or in a second header row.

Knows columns and rows, not what they mean. A row cut short or a word among the numbers ends the reading there; gaps in time become NaN.
"""

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from counterpulse.recordings.recording import BROKEN, Channel, Recording
from counterpulse.refusal import RefusalError

UNITS = r"mV|uV|µV|μV|V|mmHg|kPa|hPa|Pa|cmH2O|s|sec|seconds|ms|NU|1|%"
NAMED = re.compile(rf"\s*(.+?)\s*(?:[\[(]\s*([^\])]*)\s*[\])]|[_/]({UNITS}))\s*")
TIME = re.compile(r"time|t|seconds|sec|s|elapsed[ _]?time|timestamp", re.IGNORECASE)
ABSENT = ("", "-", "nan", "NaN", "NA", "N/A", "null", "None")
SPAN = 20
"""Longest a table may become when its gaps are filled with NaN, as a multiple of its rows."""


class _Column(NamedTuple):
    name: str
    unit: str
    values: NDArray[np.float64]


def read_csv(file: Path, fs_hz: float | None) -> Recording:
    """Read a table of text. Raises RefusalError where no number can be read, or no sampling rate is known."""
    try:
        text = file.read_bytes()
        first = text.split(b"\n", 1)[0].decode("utf-8-sig")
        separator = max(",;\t", key=first.count)
        frame = pl.read_csv(
            text, separator=separator, infer_schema=False, truncate_ragged_lines=True, null_values=list(ABSENT), encoding="utf8-lossy"
        )
    except (*BROKEN, pl.exceptions.PolarsError) as problem:
        raise RefusalError(f"{file} cannot be read as a table ({' '.join(str(problem).split())[:120]}).") from None
    units = _unit_row(frame)
    frame = frame[1:] if units else frame
    if separator == ";":
        frame = frame.with_columns(pl.all().str.replace(",", ".", literal=True))
    numbers = frame.select(pl.all().str.strip_chars(" '").cast(pl.Float64, strict=False))
    whole, why = _whole_rows(frame, numbers, text, separator, 3 if units else 2)
    columns = [_column(name, units.get(name, ""), numbers[name][:whole]) for name in numbers.columns]
    return _recording(file, columns, fs_hz, why)


def read_parquet(file: Path, fs_hz: float | None) -> Recording:
    """Read a Parquet table; its own metadata may name units and sampling rate. Raises RefusalError as `read_csv` does."""
    try:
        frame = pl.read_parquet(file)
        said = pl.read_parquet_metadata(file)
    except (*BROKEN, pl.exceptions.PolarsError) as problem:
        reason = " ".join(str(problem).split())[:120]
        lost = "a Parquet file cut short has lost its table of contents"
        raise RefusalError(f"{file} cannot be read as Parquet ({reason}); {lost}.") from None
    kept = [name for name, kind in frame.schema.items() if kind.is_numeric() or kind == pl.Boolean]
    columns = [_column(name, said.get(f"unit:{name}", ""), frame[name].cast(pl.Float64)) for name in kept]
    rate = said.get("fs_hz")
    return _recording(file, columns, float(rate) if rate else fs_hz, "")


def _column(name: str, unit: str, values: pl.Series) -> _Column:
    found = None if unit else NAMED.fullmatch(name)
    if found:
        name, unit = found[1], found[2] or found[3] or ""
    return _Column(name.strip(" '\""), unit, values.fill_null(np.nan).to_numpy().astype(np.float64))


def _unit_row(frame: pl.DataFrame) -> dict[str, str]:
    """Units by column where the first row below the header holds units and not numbers (as WFDB's own CSV does)."""
    if frame.height == 0:
        return {}
    cells = {name: (cell or "").strip(" '\"[]()") for name, cell in zip(frame.columns, frame.row(0), strict=True)}
    filled = [cell for cell in cells.values() if cell]
    return cells if filled and all(re.fullmatch(UNITS, cell) and cell != "1" for cell in filled) else {}


def _whole_rows(frame: pl.DataFrame, numbers: pl.DataFrame, text: bytes, separator: str, first_line: int) -> tuple[int, str]:
    """How many rows are whole, and what ended them."""
    rows, why = frame.height, ""
    lines = text.rstrip(b"\r\n").rsplit(b"\n", 1)
    short = len(lines) == 2 and lines[1].count(separator.encode()) < frame.width - 1
    if short and rows:
        rows, why = rows - 1, f"line {rows + first_line - 1} has {lines[1].count(separator.encode()) + 1} of {frame.width} columns"
    strange = frame.select((pl.col(name).is_not_null() & numbers[name].is_null()).alias(name) for name in frame.columns)
    bad = next(iter(strange[:rows].select(pl.any_horizontal(pl.all())).to_series().arg_true()), None)
    if bad is not None:
        name = strange.columns[strange.row(bad).index(True)]
        rows, why = bad, f"line {bad + first_line}, column {name}, holds {frame[name][bad][:40]!r} where a number is due"
    return rows, why


def _recording(file: Path, columns: list[_Column], fs_hz: float | None, why: str) -> Recording:
    time = next((column for column in columns if TIME.fullmatch(column.name) and column.unit in ("", "s", "sec", "seconds", "ms")), None)
    rest = [column for column in columns if column is not time]
    rows = len(columns[0].values) if columns else 0
    if not rest or rows < 2:
        said = f": {why}" if why else ""
        raise RefusalError(f"{file} holds no channel that can be read{said}; one column a channel and one row a sample are needed.")
    notes: list[str] = []
    if time is not None:
        clock, rate = _clock(file, time)
        if len(clock) < rows:
            why = why or f"time stops rising at row {len(clock) + 1}"
        rest = [column._replace(values=_placed(column.values[: len(clock)], clock)) for column in rest]
        fs_hz, missing = rate, int(clock[-1]) + 1 - len(clock)
        if missing:
            notes.append(f"{missing} samples are missing between rows; they are taken as not there.")
    if fs_hz is None:
        raise RefusalError(f"{file} has no time column (time_s) and tells no sampling rate; give one with --fs, in Hz.")
    stopped = len(rest[0].values) / fs_hz if why else None
    if stopped is not None:
        notes.append(f"The recording stops being whole at {stopped:g} s: {why}.")
    return Recording(file.stem, str(file), tuple(_channel(column, fs_hz) for column in rest), stopped, tuple(notes))


def _clock(file: Path, time: _Column) -> tuple[NDArray[np.int64], float]:
    """Each row's place on an even grid, and the grid's rate in Hz. Rows after time stops rising are dropped."""
    seconds = time.values / 1000 if time.unit == "ms" else time.values
    steps = np.diff(seconds)
    falls = np.flatnonzero(~(steps > 0))
    if len(falls):
        seconds, steps = seconds[: falls[0] + 1], steps[: falls[0]]
    if len(steps) == 0:
        raise RefusalError(f"{file}: the time column {time.name} does not rise from the first row to the second.")
    step = float(np.sort(steps)[(len(steps) - 1) // 2])
    even = steps[np.abs(steps - step) < 0.25 * step]
    rate = _round_rate(len(even) / float(even.sum()))
    places = np.rint((seconds - seconds[0]) * rate)
    if np.any(np.abs((seconds - seconds[0]) * rate - places) > 0.25) or np.any(np.diff(places) < 1):
        raise RefusalError(f"{file}: the rows are not evenly spaced in time (about {rate:g} Hz); an even sampling rate is needed.")
    if places[-1] + 1 > SPAN * len(places):
        raise RefusalError(f"{file}: its gaps in time are more than {SPAN} times as long as its data.")
    return places.astype(np.int64), rate


def _round_rate(rate: float) -> float:
    """Printed times are rounded: take the whole number that lies within 1e-3 of the rate, if one does."""
    return float(round(rate)) if abs(rate - round(rate)) < 1e-3 * rate else rate


def _placed(values: NDArray[np.float64], clock: NDArray[np.int64]) -> NDArray[np.float64]:
    out = np.full(int(clock[-1]) + 1, np.nan)
    out[clock] = values
    return out


def _channel(column: _Column, fs_hz: float) -> Channel:
    """A column that is filled on every k-th row only is a slower channel."""
    there = np.flatnonzero(~np.isnan(column.values))
    every = int(there[1] - there[0]) if len(there) > 2 else 1
    if every > 1 and there[0] == 0 and np.all(np.diff(there) == every):
        return Channel(column.name, column.unit, fs_hz / every, column.values[::every])
    return Channel(column.name, column.unit, fs_hz, column.values)


