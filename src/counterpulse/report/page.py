"""The shell of every page: one HTML file that needs no network, light and dark, with plotly inlined from its own wheel.

Knows style and scripts, not what a page says. `run_page` is the report of a closed-loop run; `replay_page` is in its own module.
"""

from collections.abc import Sequence
from html import escape
from importlib.resources import files

from counterpulse import __version__
from counterpulse.report import figures, tables, waves

CARE = "Research and education only: not a medical device, not for patient care."


def page(title: str, lead: str, sections: Sequence[tuple[str, str]]) -> str:
    """A whole page: heading, one lead sentence, sections of (heading, HTML). Text in `title`, `lead` and headings is escaped."""
    inside = "".join(f"<section>{f'<h2>{escape(head)}</h2>' if head else ''}{body}</section>" for head, body in sections)
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{escape(title)}</title><style>{_own('page.css')}</style></head><body>"
        f"<header><div><h1>{escape(title)}</h1><p class='lead'>{escape(lead)}</p></div>"
        "<button type='button' id='theme' title='light or dark'>◐</button></header>"
        f"<main>{inside}</main><footer>{CARE} counterpulse {__version__}.</footer>"
        f"<script>{_plotly()}</script><script>{_own('page.js')}</script><script>{_own('waves.js')}</script></body></html>"
    )


def sentences(lines: Sequence[str]) -> str:
    """A list of sentences."""
    return "<ul class='notes'>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def run_page(
    title: str, table_rows: Sequence[tables.Row], traces: waves.Waves, loops: Sequence[figures.Loop], notes: Sequence[str], remark: str = ""
) -> str:
    """The report of one patient without and with the pump: table, waves, pressure-volume loops, notes."""
    parts = [("Without and with the pump", tables.comparison(table_rows)), ("Waves", waves.section(traces))]
    if loops:
        parts.append(("Pressure-volume loops", figures.loops(loops)))
    return page(title, f"One simulated patient, without and with the balloon pump. {remark}".strip(), [*parts, ("What to know", sentences(notes))])


def _own(name: str) -> str:
    return files("counterpulse.report").joinpath(name).read_text(encoding="utf-8")


def _plotly() -> str:
    """Plotly's own minified script from the installed wheel; nothing third-party is kept in this repository."""
    from plotly.offline import get_plotlyjs  # noqa: PLC0415  slow to import

    return get_plotlyjs().replace("</script", "<\\/script")
