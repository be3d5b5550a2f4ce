"""WFDB records: .hea with .dat or .mat, one or many segments, several samples a frame. Reads with wfdb, checks what wfdb does not.

Knows the file sizes that a header promises, so a record cut short is read as far as it is whole. Values in the header's own units.
"""

import importlib
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from counterpulse.recordings.recording import BROKEN, Channel, Recording
from counterpulse.refusal import RefusalError

BYTES = {"8": 1, "16": 2, "24": 3, "32": 4, "61": 2, "80": 1, "160": 2, "212": 1.5, "310": 4 / 3, "311": 4 / 3}
UNFIT = "its signal file does not fit its header"


def read(record: Path) -> Recording:
    """Read the record whose header is `record`.hea. Raises RefusalError where header or every signal is missing."""
    header = _header(record)
    promised = int(header.sig_len or 0)
    whole, why = _whole_frames(record, header)
    if whole == 0:
        raise RefusalError(f"The recording {record} cannot be read: {why or 'it holds no samples'}.")
    signals, got = _longest(lambda frames: _signals(record, header, frames), whole or promised)
    if signals is None:
        raise RefusalError(f"The recording {record} cannot be read: {UNFIT}.")
    channels = channels_of(signals)
    stopped = got / float(header.fs) if got < promised else None
    notes = [] if stopped is None else [f"The recording stops being whole at {stopped:g} s of {promised / header.fs:g} s: {why or UNFIT}."]
    if stopped is None:
        notes += _checksums(signals, header)
    details = {"comments": " | ".join(getattr(header, "comments", None) or [])}
    return Recording(record.name, str(record), channels, stopped, tuple(notes), details, float(header.fs))


def channels_of(signals: Any) -> tuple[Channel, ...]:
    """Channels of a wfdb record that was read with `smooth_frames=False`."""
    values = signals.e_p_signal if signals.e_p_signal is not None else list(np.asarray(signals.p_signal).T)
    per_frame = signals.samps_per_frame or [1] * len(values)
    names = signals.sig_name or [f"signal {number}" for number in range(len(values))]
    return tuple(
        Channel(name or f"signal {k}", (unit or "").strip(), float(signals.fs) * frame, np.asarray(one, np.float64))
        for k, (name, unit, frame, one) in enumerate(zip(names, signals.units, per_frame, values, strict=True))
    )


def wfdb() -> Any:
    """The wfdb package; its import is slow and warns of its own use of pandas."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("wfdb")


def _header(record: Path) -> Any:
    file = record.with_name(record.name + ".hea")
    if not file.exists():
        raise RefusalError(f"There is no header {file} beside the signal file; WFDB needs both.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            header = wfdb().rdheader(str(record))
        if not header.fs or header.fs <= 0:
            raise ValueError(f"sampling rate {header.fs}")
    except BROKEN as problem:
        reason = " ".join(str(problem).split())[:120]
        raise RefusalError(f"The header {file} is not one that WFDB allows ({reason}).") from None
    if not (header.n_sig or 0):
        raise RefusalError(f"The header {file} lists no signal.")
    if not hasattr(header, "seg_name") and len(header.file_name or []) != header.n_sig:
        raise RefusalError(f"The header {file} is cut short: it promises {header.n_sig} signals and describes {len(header.file_name or [])}.")
    return header


def _whole_frames(record: Path, header: Any) -> tuple[int, str]:
    """Frames that the signal files really hold, and why there are fewer than promised. A length unknown to the header is found here."""
    if not hasattr(header, "seg_name"):
        return _frames_in_files(record.parent, header)
    done = 0
    for name, length in zip(header.seg_name, header.seg_len, strict=True):
        if length == 0 or name == "~":
            done += length
            continue
        try:
            got, why = _frames_in_files(record.parent, _header(record.with_name(name)))
        except RefusalError as refusal:
            return done, str(refusal).rstrip(".")
        if got < length:
            return done + got, why
        done += length
    return done, ""


def _frames_in_files(folder: Path, header: Any) -> tuple[int, str]:
    frames, why = int(header.sig_len or 0), ""
    known = bool(header.sig_len)
    for name in dict.fromkeys(header.file_name):
        mine = [k for k, other in enumerate(header.file_name) if other == name]
        file, kind = folder / name, str(header.fmt[mine[0]])
        if not file.exists():
            return 0, f"its signal file {name} is missing"
        if kind not in BYTES:
            continue
        held = file.stat().st_size - int((header.byte_offset or [0])[mine[0]] or 0)
        fit = max(0, int(held / BYTES[kind] + 1e-9) // sum(header.samps_per_frame[k] for k in mine))
        if fit < frames or not known:
            why = f"{name} holds {fit} of {frames} frames" if known else ""
            frames, known = fit, True
    return frames, why


def _signals(record: Path, header: Any, frames: int) -> Any:
    one = not hasattr(header, "seg_name")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        signals = wfdb().rdrecord(str(record), sampto=frames, physical=not one, smooth_frames=False)
        if one:
            signals.e_p_signal = signals.dac(expanded=True)
    return signals


def _longest(attempt: Callable[[int], Any], frames: int) -> tuple[Any, int]:
    """The longest beginning that can be read: all of it, else by halving (a compressed file does not tell its length)."""
    best, good, bad = None, 0, frames + 1
    trial = frames
    while bad - good > 1:
        try:
            best, good = attempt(trial), trial
        except BROKEN:
            bad = trial
        trial = (good + bad) // 2
    return best, good


def _checksums(signals: Any, header: Any) -> list[str]:
    if getattr(signals, "e_d_signal", None) is None or not any(header.checksum or []):
        return []
    wrong = [
        name
        for name, values, promised in zip(signals.sig_name, signals.e_d_signal, header.checksum, strict=True)
        if promised is not None and (int(np.sum(values, dtype=np.int64)) - int(promised)) % 65536
    ]
    return [f"The samples of {', '.join(wrong)} do not add up to the header's checksum: the file may be damaged."] if wrong else []
