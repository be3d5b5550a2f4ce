"""Tables of a page: rows of numbers with their units, and lists of beats. Makes HTML text; knows nothing of where the numbers come from.

A number that is not there (None or NaN) is printed as a dash, never as 0.
"""

from collections.abc import Iterable, Sequence
from html import escape
from itertools import groupby
from math import isfinite
from typing import NamedTuple

DASH = "–"


class Row(NamedTuple):
    """One quantity without and with the pump. `digits` after the point; rows of one `group` stand under one heading."""

    label: str
    unit: str
    without: float | None
    with_pump: float | None
    digits: int = 0
    group: str = ""


class Cell(NamedTuple):
    """A cell that is more than text: a class for its colour and the time in s to which a click leads."""

    text: str
    kind: str = ""
    at_s: float | None = None


def number(value: float | None, digits: int = 0, *, signed: bool = False) -> str:
    """A number for reading: fixed digits, a true minus sign, a dash where there is none."""
    if value is None or not isfinite(value):
        return DASH
    text = f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("+-")
    return text.replace("-", "−")


def change(row: Row) -> str:
    """With minus without, and in per cent where the first is not 0."""
    if row.without is None or row.with_pump is None or not (isfinite(row.without) and isfinite(row.with_pump)):
        return DASH
    difference = row.with_pump - row.without
    share = f" ({number(100 * difference / abs(row.without), 0, signed=True)} %)" if row.without else ""
    return number(difference, row.digits, signed=True) + share


def comparison(rows: Sequence[Row]) -> str:
    """The table without / with / change, one heading per group."""
    parts = ["<table class='numbers'><thead><tr><th></th><th>without</th><th>with pump</th><th>change</th><th></th></tr></thead>"]
    for group, members in groupby(rows, lambda row: row.group):
        parts.append("<tbody>" + (f"<tr class='group'><th colspan='5'>{escape(group)}</th></tr>" if group else ""))
        for row in members:
            cells = "".join(f"<td>{cell}</td>" for cell in (number(row.without, row.digits), number(row.with_pump, row.digits), change(row)))
            parts.append(f"<tr><th scope='row'>{escape(row.label)}</th>{cells}<td class='unit'>{escape(row.unit if row.unit != '1' else '')}</td></tr>")
        parts.append("</tbody>")
    return "".join(parts) + "</table>"


def listing(head: Sequence[str], rows: Iterable[Sequence[str | Cell]], kind: str = "numbers") -> str:
    """A plain table; the first cell of each row is its heading."""
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join("<tr>" + "".join(_cell(cell, first=not k) for k, cell in enumerate(row)) + "</tr>" for row in rows)
    return f"<table class='{escape(kind)}'><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _cell(cell: str | Cell, *, first: bool) -> str:
    one = cell if isinstance(cell, Cell) else Cell(cell)
    opened, closed = ("th scope='row'", "th") if first else ("td", "td")
    look = f" class='{escape(one.kind)}'" if one.kind else ""
    inside = escape(one.text)
    if one.at_s is not None:
        inside = f"<button type='button' class='jump' data-at='{one.at_s:.3f}'>{inside}</button>"
    return f"<{opened}{look}>{inside}</{closed}>"
