"""Opens a recording by its name: WFDB, EDF and EDF+, BDF, CSV, Parquet, or a PhysioNet name where there is a network.

Knows which reader a name belongs to, nothing of what is in the channels. A damaged file is read as far as it is whole.
"""

import re
from collections.abc import Callable
from pathlib import Path

from counterpulse.recordings import edf_file, physionet, table_file, wfdb_file
from counterpulse.recordings.recording import Recording
from counterpulse.refusal import RefusalError

WFDB = (".hea", ".dat", ".mat")
READERS: dict[str, Callable[[Path], Recording]] = {".edf": edf_file.read, ".rec": edf_file.read, ".bdf": edf_file.read}
ALLOWED = "WFDB (.hea with .dat or .mat), EDF or EDF+ (.edf), BDF (.bdf), CSV (.csv, .tsv, .txt), Parquet (.parquet)"


def open_recording(path: str | Path, fs_hz: float | None = None) -> Recording:
    """Open `path`; `fs_hz` serves tables that carry neither a time column nor a sampling rate.

    Raises RefusalError where nothing can be read, with one sentence that names the file and what is allowed.
    """
    place = _place(str(path))
    suffix = place.suffix.lower()
    if suffix in WFDB or place.with_name(place.name + ".hea").exists():
        return wfdb_file.read(place.with_suffix("") if suffix in WFDB else place)
    if not place.exists():
        return _elsewhere(str(path), place)
    if place.is_dir():
        raise RefusalError(f"{place} is a folder; name one recording in it: {_inside(place)}.")
    if suffix in READERS:
        return READERS[suffix](place)
    if suffix in (".csv", ".tsv", ".txt"):
        return table_file.read_csv(place, fs_hz)
    if suffix in (".parquet", ".pq"):
        return table_file.read_parquet(place, fs_hz)
    raise RefusalError(f"{place} is of a kind that is not read ({suffix or 'no ending'}); these are: {ALLOWED}.")


def _place(given: str) -> Path:
    """The path of a name that can be one of a file. Raises RefusalError for an empty or impossible name and for an address of the web."""
    shown = given if len(given) <= 80 else f"{given[:77]}..."
    if not given.strip():
        raise RefusalError("The name of the recording is empty; name a file or a PhysioNet record such as mitdb/100.")
    if re.match(r"\w+://", given):
        raise RefusalError(f"{shown} is an address of the web; name a file on this machine, or a PhysioNet record such as mitdb/100.")
    place = Path(given)
    try:
        folder = place.is_dir()
        place.with_name(f"{place.name}.hea").exists() if place.name else None
    except (OSError, ValueError) as problem:
        raise RefusalError(f"{shown!r} cannot be opened: {getattr(problem, 'strerror', None) or problem}.") from None
    if folder and not place.name:
        raise RefusalError(f"{place} is a folder; name one recording in it: {_inside(place)}.")
    return place


def _elsewhere(given: str, place: Path) -> Recording:
    if physionet.is_name(given):
        return physionet.read(given)
    folder = place.parent if str(place.parent) else Path()
    if not folder.is_dir():
        raise RefusalError(f"There is no recording {given}: the folder {folder} does not exist.")
    raise RefusalError(f"There is no recording {given}; {folder} holds {_inside(folder)}.")


def _inside(folder: Path) -> str:
    kinds = {".hea", ".csv", ".tsv", ".parquet", ".pq", ".edf", ".bdf", ".rec"}
    names = sorted(file.stem if file.suffix == ".hea" else file.name for file in folder.iterdir() if file.suffix.lower() in kinds)
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return (", ".join(names[:12]) + more) or "no recording"
