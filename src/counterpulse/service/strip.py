"""A piece of a run as a file: the samples that the bedside saw, CSV, Parquet or WFDB (zipped with its header), through `recordings.export`.

Knows times and formats; keeps nothing on the disk.
"""

import io
import tempfile
import zipfile
from pathlib import Path

from counterpulse.recordings.export import export
from counterpulse.refusal import RefusalError
from counterpulse.service.console import Console
from counterpulse.service.protocol import shortened

MEDIA = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet", "wfdb": "application/zip"}


def strip(console: Console, start: str, stop: str, kind: str) -> tuple[bytes, str]:
    """Bytes and name of the file. Raises RefusalError for an unknown format or a piece that is no longer kept."""
    if kind not in MEDIA:
        raise RefusalError(f"The format is {shortened(kind)}; it must be one of {', '.join(MEDIA)}.")
    with console.lock:
        tape, fs_hz = console.run.report.readings.tape, console.source.fs_hz
        first, last = tape.first / fs_hz, tape.end / fs_hz
        from_s, to_s = (seconds(text, name, default) for text, name, default in ((start, "from_s", first), (stop, "to_s", last)))
        if not first - 1e-6 <= from_s < to_s <= last + 1.0:
            raise RefusalError(f"The strip goes from {from_s:g} to {to_s:g} s; it must lie in {first:.2f} to {last:.2f} s, which is what is kept.")
        rows = tape.between(round(from_s * fs_hz), round(to_s * fs_hz)).copy()
        settings = console.source.settings.copy()
    name = f"counterpulse-{from_s:.1f}s".replace(".", "-")
    with tempfile.TemporaryDirectory() as folder:
        files = export(rows, fs_hz, Path(folder) / name, kind, settings)
        if kind != "wfdb":
            return files[0].read_bytes(), files[0].name
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in files:
                archive.write(file, file.name)
        return packed.getvalue(), f"{name}.zip"


def seconds(text: str, name: str, default: float) -> float:
    """A time of the address; empty means the default. Raises RefusalError for what is no finite number."""
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not abs(value) < 1e9:
        raise RefusalError(f"{name} is {shortened(text)}; it must be a number of seconds.")
    return value
