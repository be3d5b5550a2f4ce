"""A cohort's folder: patients.parquet, summaries.parquet, cohort.toml, run.toml. Knows files and tables; draws and runs nothing.

Parquet is written by one process from sorted rows, so that the same rows are the same bytes. cohort.toml comes last: a folder without it is not finished.
"""

import hashlib
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from counterpulse import __version__
from counterpulse.body.patient import Patient
from counterpulse.kernel import source_hash
from counterpulse.refusal import RefusalError
from counterpulse.whole import MARKER, check_ours, whole_file

PATIENTS, SUMMARIES, COHORT, RUN = "patients.parquet", "summaries.parquet", "cohort.toml", "run.toml"
ROOM = Path(__file__).parent
MADE_BY = "Made by counterpulse, which replaces this folder as a whole when it writes the same result again.\n"


def room_hash() -> str:
    """Hash of this room's sources and tables."""
    digest = hashlib.sha256()
    for file in sorted([*ROOM.glob("*.py"), *ROOM.glob("tables/*.toml"), *ROOM.glob("presets/*.toml")]):
        digest.update(file.relative_to(ROOM).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()[:16]


def versions() -> dict[str, str]:
    """What made a file: version, hash of the kernels, hash of this room."""
    return {"version": __version__, "kernels": source_hash(), "cohort": room_hash()}


def plan_hash(plan: Mapping[str, Any]) -> str:
    """A short name for a plan: the same plan and sources give the same."""
    return hashlib.sha256(repr([sorted(plan.items()), sorted(versions().items())]).encode()).hexdigest()[:16]


def prepare(folder: Path) -> None:
    """Make or take over a folder. Raises RefusalError for one with files that were not made here."""
    check_ours(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARKER).write_text(MADE_BY, encoding="utf-8")
    except OSError as problem:
        raise RefusalError(f"The folder {folder} cannot be made: {problem.strerror}; name another.") from None


def packed(frame: pl.DataFrame) -> bytes:
    """A part's rows as bytes."""
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", statistics=False)
    return buffer.getvalue()


def merge(parts: Sequence[Path], target: Path, first: Sequence[str], last: Sequence[str] = ()) -> pl.DataFrame:
    """Write all parts' rows, in order, as one file: columns `first`, then the others by name, then `last`. Returns the rows."""
    frame = pl.concat([pl.read_parquet(part) for part in parts], how="diagonal_relaxed")  # a part may hold nothing but nulls in a column
    others = sorted(set(frame.columns) - set(first) - set(last))
    frame = frame.select([*first, *others, *last]).sort(first[:2] if "arm" in first else first[:1], maintain_order=True)
    with whole_file(target) as draft:
        frame.write_parquet(draft, compression="zstd", statistics=True, row_group_size=16_384)
    return frame


def digest_of(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def toml_of(value: Any) -> str:
    """A value as TOML: numbers, text, lists."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, float | np.floating):
        return f"{float(value):.10g}" if np.isfinite(value) else '"none"'
    inside = ", ".join(toml_of(one) for one in value)
    return f"[{inside}]" if len(inside) < 120 else "[\n  " + ",\n  ".join(toml_of(one) for one in value) + ",\n]"


def write_toml(sections: Mapping[str, Mapping[str, Any]], path: Path) -> None:
    """A file of sections."""
    blocks = [f"[{name}]\n" + "".join(f"{toml_of(key) if not key.replace('_', '').isalnum() else key} = {toml_of(value)}\n" for key, value in inside.items())
              for name, inside in sections.items()]  # fmt: skip
    with whole_file(path) as draft:
        draft.write_text("\n".join(blocks), encoding="utf-8")


def read_patients(folder: Path) -> tuple[pl.DataFrame, Any]:
    """The table of a finished cohort, and its rows as patients. Raises RefusalError for a folder that holds none."""
    if not folder.is_dir():
        raise RefusalError(f"{folder} is not a folder; `counterpulse cohort draw altshock-2 --out DIR` makes one.")
    for name in (COHORT, PATIENTS):
        if not (folder / name).is_file():
            raise RefusalError(f"{folder} holds no {name}; `counterpulse cohort draw` makes it (and goes on where it was stopped).")
    try:
        frame = pl.read_parquet(folder / PATIENTS)
    except (OSError, pl.exceptions.PolarsError) as problem:
        raise RefusalError(f"{folder / PATIENTS} cannot be read: {' '.join(str(problem).split())[:120]}.") from None
    return frame, patients_of(frame, folder / PATIENTS)


def patients_of(frame: pl.DataFrame, where: Path) -> Any:
    """Rows of patients from a table. Raises RefusalError for a field that is missing or out of range."""
    missing = [name for name in Patient.fields() if name not in frame.columns]
    if missing or "patient" not in frame.columns:
        raise RefusalError(f"{where} lacks {', '.join(missing[:5]) or 'patient'}; draw the cohort again with this version.")
    rows = Patient.many(len(frame))
    for name in Patient.fields():
        rows[name] = frame[name].to_numpy()
    return Patient.check(rows)
