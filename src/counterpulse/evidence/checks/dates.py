"""Dates: the order of a trial's steps, and whether an interim analysis could have had the follow-up it claims.

Events known: first_enrolment, amendment, interim, stop, last_enrolment, last_follow_up, database_lock, publication. A date may be a day, a
month or a year; whatever it leaves open is allowed. Units: days.
"""

import calendar
import datetime as dt
import math
from collections.abc import Iterator
from typing import NamedTuple

from counterpulse.evidence.paper import Paper, Row, whole_number
from counterpulse.evidence.verdict import INCONSISTENT, NOTE, REPRODUCED, Finding, Item
from counterpulse.refusal import RefusalError

ORDER = (
    ("first_enrolment", "amendment", ""),
    ("first_enrolment", "interim", ""),
    ("first_enrolment", "last_enrolment", ""),
    ("amendment", "last_enrolment", ""),
    ("interim", "stop", ""),
    ("last_enrolment", "stop", "enrolment went on after the decision to stop"),
    ("last_enrolment", "last_follow_up", ""),
    ("last_follow_up", "database_lock", ""),
    ("last_enrolment", "database_lock", ""),
    ("database_lock", "publication", ""),
    ("last_enrolment", "publication", ""),
)
UNLIKELY = 0.05


class Span(NamedTuple):
    """The days that a printed date may mean, and the claim that prints it."""

    row: Row
    first: dt.date
    last: dt.date


def check(paper: Paper) -> Iterator[Item | Finding]:
    """Items for the order of every two dated steps and for the follow-up before an interim analysis. Yields items and findings."""
    spans = [_span(row) for row in paper.claimed("date")]
    for before, after, why in ORDER:
        for one in (span for span in spans if span.row.get("event") == before):
            for two in (span for span in spans if span.row.get("event") == after):
                yield _ordered(one, two, why)
    for span in spans:
        if span.row.get("event") == "interim" and "n" in span.row.of and "follow_up_d" in span.row.of:
            yield from _interim(paper, spans, span)


def _span(row: Row) -> Span:
    parts = str(row.get("at", row.get("date", ""))).split("-")
    try:
        year, month, day = (*map(int, parts), 0, 0)[:3]
        first = dt.date(year, month or 1, day or 1)
        last_month = month or 12
        last = dt.date(year, last_month, day or calendar.monthrange(year, last_month)[1])
    except (ValueError, calendar.IllegalMonthError):
        raise RefusalError(f"{row.id}: the date is {row.get('at', row.get('date'))!r}; it must be a year, year-month or year-month-day that exists.") from None
    return Span(row, first, last)


def _ordered(one: Span, two: Span, why: str) -> Item:
    fits = one.first <= two.last
    sum_ = f"{one.row.get('event')} {one.row.get('at')}, {two.row.get('event')} {two.row.get('at')}"
    sentence = ""
    if not fits:
        gap = (one.first - two.last).days
        sentence = f"{one.row.id} ({one.row.get('at')}) is {gap} days after {two.row.id} ({two.row.get('at')})" + (f": {why}." if why else ".")
    return Item(f"{one.row.id}/before.{two.row.name}", "dates", str(one.row.get("at")), f"{(two.last - one.first).days} d",
                REPRODUCED if fits else INCONSISTENT, "order", sum_, sentence)


def _interim(paper: Paper, spans: list[Span], interim: Span) -> Iterator[Item | Finding]:
    n, days = (whole_number(interim.row.get(key), f"{interim.row.id}: {key}") for key in ("n", "follow_up_d"))
    latest = interim.last - dt.timedelta(days=days)
    start = next((span for span in spans if span.row.get("event") == "first_enrolment"), None)
    end = next((span for span in spans if span.row.get("event") == "last_enrolment"), None)
    sum_ = f"{interim.row.get('at')} less {days} days: participant {n} entered by {latest.isoformat()}"
    late = n > paper.total or (start is not None and latest < start.first)
    sentence = f"{interim.row.id} needs {n} participants followed for {days} days; that cannot be by {interim.row.get('at')}." if late else ""
    yield Item(f"{interim.row.id}/follow-up", "dates", str(interim.row.get("at")), latest.isoformat(), INCONSISTENT if late else REPRODUCED,
               "follow-up", sum_, sentence)
    if not late and start and end and end.last > latest:
        yield from _drought(paper, n, latest, start, end)


def _drought(paper: Paper, n: int, latest: dt.date, start: Span, end: Span) -> Iterator[Finding]:
    """How few may have entered after the last one that the interim analysis needed, against the rate over the whole enrolment."""
    left, window = paper.total - n, (end.last - latest).days
    expected = paper.total * window / max((end.last - start.first).days, 1)
    chance = sum(math.exp(-expected) * expected**k / math.factorial(k) for k in range(left + 1))
    if chance < UNLIKELY:
        sentence = f"At most {left} of {paper.total} participants entered in the last {window} days of enrolment; the mean rate would bring {expected:.1f}."
        yield Finding(f"{end.row.id}/rate", NOTE, sentence, f"{latest.isoformat()} to {end.row.get('at')}; Poisson chance of {left} or fewer {chance:.3f}")
