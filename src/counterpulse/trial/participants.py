"""A trial's data as analysed: subjects, events and screening from one folder, checked before anything is computed.

Files: `subjects.parquet` (participant, centre, stratum, arm_code, randomised_at, itt, per_protocol, safety, last_contact_d, baseline columns
with units), `events.parquet` (participant, kind, at_d, grade, adjudicated), `screening.parquet` (optional). Times are days from randomisation.
Does not open the arm key: arms stay codes here. Virtual and real trials write the same files.
"""

import hashlib
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from counterpulse.refusal import RefusalError

SUBJECTS = ("participant", "centre", "stratum", "arm_code", "randomised_at", "itt", "per_protocol", "safety", "last_contact_d")
EVENTS = ("participant", "kind", "at_d")
LONGEST_D = 36525  # a hundred years; anything above is no number of days


class TrialData(NamedTuple):
    """The tables of a trial, arms still coded, and the SHA-256 of each file."""

    subjects: pl.DataFrame
    events: pl.DataFrame
    screening: pl.DataFrame | None
    hashes: dict[str, str]
    warnings: tuple[str, ...] = ()

    @property
    def baseline(self) -> list[str]:
        """Columns that are neither identity nor bookkeeping."""
        return [name for name in self.subjects.columns if name not in SUBJECTS]

    @property
    def kinds(self) -> list[str]:
        """Kinds of events that occur, in alphabetical order."""
        return sorted(self.events["kind"].unique().to_list())


def open_data(folder: Path) -> TrialData:
    """Read and check a folder. Raises RefusalError with one sentence for the first thing that cannot be."""
    if not folder.is_dir():
        raise RefusalError(f"The data folder {folder} does not exist.")
    subjects = _table(folder / "subjects.parquet", SUBJECTS)
    events = _table(folder / "events.parquet", EVENTS)
    screening = _table(folder / "screening.parquet", ()) if (folder / "screening.parquet").is_file() else None
    names = [name for name in ("subjects", "events", "screening") if (folder / f"{name}.parquet").is_file()]
    hashes = {f"{name}.parquet": sha256(folder / f"{name}.parquet") for name in names}
    _check_subjects(subjects)
    _check_events(subjects, events)
    _check_units(subjects)
    return TrialData(subjects, events, screening, hashes, tuple(_warnings(subjects, events)))


def sha256(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def open_key(path: Path, codes: list[str]) -> dict[str, str]:
    """The arm key: code to arm. Opened only after the plan is locked. Raises RefusalError when a code of the data is not in it."""
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise RefusalError(f"The arm key {path} does not exist; it maps each arm_code to an arm.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise RefusalError(f"The arm key {path} is not valid TOML: {problem}.") from None
    held = raw.get("arms", raw)
    key = {str(code): str(arm) for code, arm in held.items() if not isinstance(arm, dict)}
    for code in codes:
        if code not in key:
            raise RefusalError(f"The arm_code {code!r} is not in the arm key {path.name}, which holds {', '.join(sorted(key)) or 'nothing'}.")
    empty = sorted(set(key.values()) - {key[code] for code in codes})
    if empty:
        raise RefusalError(f"Arm {empty[0]} is empty: no subject carries its code; a comparison needs participants in every arm of the key.")
    return key


def _table(path: Path, needed: tuple[str, ...]) -> pl.DataFrame:
    try:
        table = pl.read_parquet(path)
    except FileNotFoundError:
        raise RefusalError(f"The file {path} does not exist.") from None
    except (OSError, pl.exceptions.PolarsError) as problem:
        raise RefusalError(f"The file {path} cannot be read as Parquet: {str(problem).splitlines()[0]}.") from None
    for name in needed:
        if name not in table.columns:
            raise RefusalError(f"{path.name} has no column {name!r}; it needs {', '.join(needed)}.")
    return table


def _first(table: pl.DataFrame, bad: pl.Expr) -> dict[str, Any] | None:
    rows = table.filter(bad)
    return rows.row(0, named=True) if rows.height else None


def _check_subjects(subjects: pl.DataFrame) -> None:
    if not subjects.height:
        raise RefusalError("subjects.parquet holds no participant; an analysis needs at least one in each arm.")
    twice = subjects.filter(pl.col("participant").is_duplicated())
    if twice.height:
        raise RefusalError(f"Participant {twice['participant'][0]} stands in subjects.parquet more than once; each is there once.")
    for name in ("arm_code", "participant", "last_contact_d"):
        row = _first(subjects, pl.col(name).is_null())
        if row:
            raise RefusalError(f"{name} of participant {row['participant']} is missing; it must be given for everyone.")
    row = _first(subjects, ~pl.col("last_contact_d").is_between(0, LONGEST_D))
    if row:
        raise RefusalError(f"last_contact_d of participant {row['participant']} is {row['last_contact_d']:g} days; it must lie in 0 to {LONGEST_D}.")
    for name in ("itt", "per_protocol", "safety"):
        if subjects[name].dtype != pl.Boolean:
            raise RefusalError(f"The column {name} holds {subjects[name].dtype}; it must hold true or false.")


def _check_events(subjects: pl.DataFrame, events: pl.DataFrame) -> None:
    known = events.join(subjects.select("participant", "last_contact_d"), on="participant", how="left")
    stranger = _first(known, pl.col("last_contact_d").is_null())
    if stranger:
        raise RefusalError(f"events.parquet has an event of participant {stranger['participant']}, who is not in subjects.parquet.")
    row = _first(known, pl.col("at_d").is_null() | (pl.col("at_d") < 0) | (pl.col("at_d") > LONGEST_D))
    if row:
        raise RefusalError(f"The event {row['kind']} of participant {row['participant']} is at {row['at_d']} days; it must lie in 0 to {LONGEST_D}.")
    late = _first(known, pl.col("at_d") > pl.col("last_contact_d") + 1e-9)
    if late:
        raise RefusalError(
            f"The event {late['kind']} of participant {late['participant']} is at {late['at_d']:g} days, after the last contact at {late['last_contact_d']:g}."
        )
    dead = events.filter(pl.col("kind") == "death").group_by("participant").agg(pl.col("at_d").min().alias("death_d"), pl.len().alias("deaths"))
    again = _first(dead, pl.col("deaths") > 1)
    if again:
        raise RefusalError(f"Participant {again['participant']} has {again['deaths']} deaths; one is possible.")
    after = _first(events.join(dead, on="participant"), pl.col("at_d") > pl.col("death_d") + 1e-9)
    if after:
        raise RefusalError(f"Participant {after['participant']} has {after['kind']} at {after['at_d']:g} days, after death at {after['death_d']:g} days.")


def ranges() -> dict[str, Any]:
    """The plausible range of each unit, by the end of a column's name."""
    return tomllib.loads((resources.files("counterpulse.trial") / "plausible.toml").read_text("utf-8"))


def _check_units(subjects: pl.DataFrame) -> None:
    limits = ranges()
    for name in subjects.columns:
        if name in SUBJECTS or not subjects[name].dtype.is_numeric():
            continue
        ending = max((end for end in limits["range"] if name.endswith(end)), key=len, default=None)
        if ending is None:
            continue
        low, high = limits["range"][ending]
        row = _first(subjects, ~pl.col(name).is_between(low, high) & pl.col(name).is_not_null())
        if row:
            raise RefusalError(
                f"{name} of participant {row['participant']} is {row[name]:g}; it must lie in {low:g} to {high:g}, so its unit is probably not the one named."
            )
        values = subjects[name].drop_nulls()
        if ending == limits["fraction"]["suffix"] and len(values) > 2 and float(values.max()) <= 1 and float(values.max()) > 0:  # pyright: ignore[reportArgumentType]
            raise RefusalError(f"Every value of {name} lies in 0 to 1, so they are fractions; the column's name says percent.")


def _warnings(subjects: pl.DataFrame, events: pl.DataFrame) -> list[str]:
    told = []
    zero = events.filter(pl.col("at_d") == 0)
    if zero.height:
        told.append(f"{zero.height} event(s) are at day 0 ({', '.join(sorted(zero['kind'].unique().to_list()))}); they count, at risk on day 0 only.")
    never = subjects.filter(pl.col("last_contact_d") == 0)
    if never.height:
        told.append(f"{never.height} participant(s) have their last contact on day 0.")
    return told
