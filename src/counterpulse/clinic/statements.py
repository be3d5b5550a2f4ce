"""Guidance statements: loading, sources, audience wording, review state and expiry.

Knows the record of a statement and the review file outside the package. Does not know retrieval. A statement ships as `submitted`;
a person moves it on through the page, and the review file carries name and date; nothing is ever changed in place.
"""

import datetime as dt
import functools
import hashlib
import importlib.resources
import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from counterpulse.clinic.table import cite, data
from counterpulse.refusal import RefusalError

AUDIENCES = ("patient", "nurse", "physician", "engineer")
STATES = ("submitted", "under review", "approved")


@dataclass(frozen=True)
class Statement:
    """One clinical sentence: what it says to four audiences, its sources, certainty, population, conflicts and review state."""

    id: str
    title: str
    stance: str
    population: str
    certainty: str
    sources: list[str]
    keys: str
    patient: str
    nurse: str
    physician: str
    engineer: str
    status: str
    version: int
    submitted: dt.date
    expires: dt.date
    author: str
    conflicts: list[str] = field(default_factory=list)
    disputed: bool = False
    cor: str = ""
    loe: str = ""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what is said and cited: an approval holds for this text only."""
        said = [self.id, self.version, self.patient, self.nurse, self.physician, self.engineer, self.sources, self.conflicts]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()

    def as_json(self, audience: str, today: dt.date, reviews: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """The statement as it is shown: wording, sources written out, review state and expiry."""
        review = reviews.get(self.id)
        valid = review is not None and review["fingerprint"] == self.fingerprint
        expired = today > self.expires
        return {
            "id": self.id, "title": self.title, "text": getattr(self, audience), "stance": self.stance, "population": self.population,
            "certainty": self.certainty, "conflicts": self.conflicts, "class": self.cor or None, "level": self.loe or None, "sources": cite(self.sources),
            "status": review["state"] if review and valid else self.status, "reviewer": review["actor"] if review and valid else None,
            "reviewed": review["date"] if review and valid else None, "submitted": self.submitted.isoformat(), "expires": self.expires.isoformat(),
            "expired": expired, "version": self.version, "review_outdated": review is not None and not valid,
        }


@functools.cache
def statements() -> dict[str, Statement]:
    """Every statement by id, in the order of the files. Raises RefusalError for an id given twice."""
    found: dict[str, Statement] = {}
    folder = importlib.resources.files("counterpulse.clinic").joinpath("statements")
    for path in sorted(folder.iterdir(), key=lambda item: item.name):
        if path.name.endswith(".toml"):
            for body in tomllib.loads(path.read_text("utf-8"))["statement"]:
                if body["id"] in found:
                    raise RefusalError(f"The statement {body['id']!r} is written twice.")
                found[body["id"]] = Statement(**body)
    return found


def history(topic: str = "") -> list[dict[str, Any]]:
    """Recommendations by year, of one topic or of all. Raises RefusalError for a topic that is not known."""
    rows = data("recommendations")["rows"]
    topics = sorted({row["topic"] for row in rows})
    if topic and topic not in topics:
        raise RefusalError(f"The topic {topic!r} is not known; known are {', '.join(topics)}.")
    return [row for row in rows if topic in ("", row["topic"])]


def review_file() -> Path:
    """Where reviews are kept: `COUNTERPULSE_REVIEWS`, else `counterpulse/reviews.jsonl` in the user's data folder."""
    given = os.environ.get("COUNTERPULSE_REVIEWS")
    home = Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share"))
    return Path(given) if given else home / "counterpulse" / "reviews.jsonl"


def reviews(path: Path | None = None) -> dict[str, dict[str, Any]]:
    """The latest review of every statement. Raises RefusalError for a line that cannot be read."""
    file, latest = path or review_file(), {}
    if not file.is_file():
        return {}
    for number, line in enumerate(file.read_text("utf-8").splitlines(), 1):
        try:
            entry = json.loads(line)
            latest[entry["id"]] = entry
        except (ValueError, KeyError, TypeError):
            raise RefusalError(f"Line {number} of the review file {file} cannot be read; it must be one JSON object with an id.") from None
    return latest


def record(identity: str, state: str, actor: str, path: Path | None = None, today: dt.date | None = None) -> dict[str, Any]:
    """Append one review. Raises RefusalError for an unknown statement, a state that does not follow, or an actor without a full name."""
    known = statements()
    if identity not in known:
        raise RefusalError(f"There is no statement {identity!r}.")
    if state not in STATES:
        raise RefusalError(f"The review state {state!r} is not known; known are {', '.join(STATES)}.")
    name = " ".join(actor.split())
    if len(name.split()) < 2 or not all(part[0].isalpha() for part in name.split()):
        raise RefusalError(f"The reviewer {actor!r} must be a person's first and last name.")
    last = reviews(path).get(identity)
    fingerprint = known[identity].fingerprint
    now = last["state"] if last and last["fingerprint"] == fingerprint else "submitted"
    if state == "approved" and now != "under review":
        raise RefusalError(f"The statement {identity} is {now}; it must be under review before it is approved.")
    day = (today or dt.datetime.now(dt.UTC).date()).isoformat()
    entry = {"id": identity, "version": known[identity].version, "fingerprint": fingerprint, "state": state, "actor": name, "date": day}
    file = path or review_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="utf-8") as sink:
            sink.write(json.dumps(entry, ensure_ascii=False) + "\n")
    except OSError as problem:
        raise RefusalError(f"The review file {file} cannot be written: {problem.strerror}.") from None
    return entry
