"""A paper as data: what it prints, read from PAPER.toml, and nothing that it does not print.

An id is `place.row`; rows of the same name in two places (`abstract.stroke`, `table-3.stroke`) speak of the same thing unless their
`population` differs. Printed values stay strings. `all` is the pseudo-arm of everybody. Knows no statistics and no paper.
Units: those of the print.
"""

import tomllib
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

from counterpulse.evidence.printed import number, share
from counterpulse.refusal import RefusalError

ALL = "all"
MOST = 1_000_000  # participants; more is a typing error
KINDS = ("total", "date", "stop", "population", "outcome", "sample_size", "allocation", "statement")
STATS = ("median_iqr", "mean_sd", "mean_range", "median_range")
MEASURES = ("HR", "RR", "OR", "RD")


class Row(NamedTuple):
    """One entry of a paper: its id, the place, the row's name, and its fields as written."""

    id: str
    place: str
    name: str
    of: dict[str, Any]

    def get(self, key: str, default: Any = None) -> Any:
        """A field as written, or the default."""
        return self.of.get(key, default)

    @property
    def population(self) -> str:
        """The population the row speaks of; empty for the one as randomised."""
        return str(self.of.get("population", self.of.get("among", "")))


class Paper(NamedTuple):
    """Everything one paper prints that an audit can use."""

    id: str
    title: str
    doi: str
    arms: dict[str, int]
    rules: dict[str, Any]
    counts: tuple[Row, ...]
    summaries: tuple[Row, ...]
    effects: tuple[Row, ...]
    interactions: tuple[Row, ...]
    claims: tuple[Row, ...]

    @property
    def total(self) -> int:
        """Everybody in the arms."""
        return sum(self.arms.values())

    @property
    def compared(self) -> tuple[str, str]:
        """The two arms of a comparison: (active, reference). The reference is `[rules] reference_arm`, else the first arm."""
        names = list(self.arms)
        reference = str(self.rules.get("reference_arm", names[0]))
        active = next(name for name in names if name != reference)
        return active, reference

    def size(self, arm: str) -> int:
        """Participants in an arm, or in all."""
        return self.total if arm == ALL else self.arms[arm]

    def count(self, row_id: str) -> Row | None:
        """The count with this id, if there is one."""
        return next((row for row in self.counts if row.id == row_id), None)

    def claimed(self, kind: str) -> list[Row]:
        """The claims of one kind, in order."""
        return [row for row in self.claims if row.get("kind") == kind]


def slugs() -> list[str]:
    """The papers that come with the package."""
    folder = resources.files("counterpulse.evidence") / "papers"
    return sorted(item.name.removesuffix(".toml") for item in folder.iterdir() if item.name.endswith(".toml"))


def open_paper(path_or_slug: str) -> Paper:
    """Read a paper by its file or by the slug of one that comes along. Raises RefusalError with a sentence."""
    if path_or_slug in slugs():
        text = (resources.files("counterpulse.evidence") / "papers" / f"{path_or_slug}.toml").read_text("utf-8")
        return read(text, path_or_slug)
    path = Path(path_or_slug)
    if not path.is_file():
        raise RefusalError(f"No paper {path_or_slug!r}: it is neither a file nor one of {', '.join(slugs())}.")
    try:
        return read(path.read_text("utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as problem:
        raise RefusalError(f"The file {path} cannot be read as text: {problem.__class__.__name__}.") from None


def read(text: str, name: str = "PAPER.toml") -> Paper:
    """Read a paper from TOML text. Raises RefusalError with a sentence that names the row and the field."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise RefusalError(f"{name} is not valid TOML: {problem}.") from None
    return build(raw, name)


def build(raw: dict[str, Any], name: str = "PAPER.toml") -> Paper:
    """Make a paper from parsed TOML. Raises RefusalError with a sentence that names the row and the field."""
    head = raw.get("paper", {})
    arms = _arms(raw.get("arm", []), name)
    paper = Paper(
        str(head.get("id", name)),
        str(head.get("title", "")),
        str(head.get("doi", "")),
        arms,
        dict(raw.get("rules", {})),
        *(tuple(_rows(raw.get(kind, []), kind)) for kind in ("count", "summary", "effect", "interaction", "claim")),
    )
    if paper.rules.get("reference_arm", next(iter(arms))) not in arms:
        raise RefusalError(f"{name}: reference_arm is {paper.rules['reference_arm']!r}; it must be one of {', '.join(arms)}.")
    for row in paper.counts:
        _check_count(paper, row)
    for row in (*paper.summaries, *paper.effects, *paper.claims):
        _check_other(paper, row)
    for row in paper.claims:
        _check_claim(paper, row)
    return paper


def _arms(rows: list[dict[str, Any]], name: str) -> dict[str, int]:
    arms = {str(row.get("id", "")): whole_number(row.get("n"), f"{name}: n of arm {row.get('id')}") for row in rows}
    if len(arms) < 2:
        raise RefusalError(f"{name} names {len(arms)} arm(s); an audit of a comparison needs at least two [[arm]] entries with id and n.")
    for arm, n in arms.items():
        if n == 0:
            raise RefusalError(f"{name}: arm {arm} is empty (n = 0); an arm must hold at least one participant.")
    return arms


def _rows(rows: list[dict[str, Any]], kind: str) -> list[Row]:
    made = []
    for position, row in enumerate(rows, 1):
        fallback = f"interaction.{row.get('subgroup', position)}" if kind == "interaction" else f"{kind}.{position}"
        row_id = str(row.get("id", fallback))
        place, _, name = row_id.partition(".")
        made.append(Row(row_id, place, name or place, dict(row)))
    seen = [row.id for row in made]
    for row_id in seen:
        if seen.count(row_id) > 1:
            raise RefusalError(f"Two [[{kind}]] entries are called {row_id!r}; an id is given once.")
    return made


def whole_number(value: object, what: str, most: int = MOST) -> int:
    """A count, from a number or a string. Raises RefusalError when it is not a whole number of 0 to `most`."""
    try:
        number_ = float(str(value))
    except ValueError:
        raise RefusalError(f"{what} is {value!r}; it must be a whole number of at least 0.") from None
    if not 0 <= number_ <= most or number_ != int(number_):
        raise RefusalError(f"{what} is {value}; it must be a whole number of at least 0 and at most {most:,}.")
    return int(number_)


def by_arm(paper: Paper, row: Row, key: str) -> dict[str, Any]:
    """A field that holds one value per arm; empty when absent. Raises RefusalError for an arm that the paper does not have."""
    held = row.get(key)
    if held is None:
        return {}
    if not isinstance(held, dict):
        raise RefusalError(f"{row.id}: {key} must be a table of arm = value; it is {held!r}.")
    for arm in held:
        if arm not in paper.arms and arm != ALL:
            raise RefusalError(f"{row.id}: {key} names the arm {arm!r}; the paper has {', '.join(paper.arms)} and {ALL!r}.")
    return held


def counts_of(paper: Paper, row: Row, key: str = "x") -> dict[str, int]:
    """Whole numbers by arm of one row's field."""
    return {arm: whole_number(value, f"{row.id}: {key} of {arm}") for arm, value in by_arm(paper, row, key).items()}


def sizes_of(paper: Paper, row: Row) -> dict[str, int]:
    """Denominators by arm: those printed with the row, else the arms' sizes; empty when the row speaks of an unsized population."""
    given = counts_of(paper, row, "n")
    if given or row.get("among") or row.get("population"):
        return given
    return {arm: paper.size(arm) for arm in (*by_arm(paper, row, "x"), *by_arm(paper, row, "pct"))}


def _check_count(paper: Paper, row: Row) -> None:
    sizes = sizes_of(paper, row)
    for arm, x in counts_of(paper, row).items():
        most = sizes.get(arm, paper.size(arm))
        if x > most:
            raise RefusalError(f"{row.id}: {x} of {most} in arm {arm} is impossible; a count cannot exceed its denominator.")
    for arm, text in by_arm(paper, row, "pct").items():
        if not -1e-9 <= share(text).value <= 100:
            raise RefusalError(f"{row.id}: the percentage of {arm} is {text}; it must lie in 0 to 100.")


def _check_other(paper: Paper, row: Row) -> None:
    if "stat" in row.of and row.get("stat") not in STATS:
        raise RefusalError(f"{row.id}: stat is {row.get('stat')!r}; it must be one of {', '.join(STATS)}.")
    if "kind" in row.of and row.get("kind") not in KINDS:
        raise RefusalError(f"{row.id}: kind is {row.get('kind')!r}; it must be one of {', '.join(KINDS)}.")
    if "measure" in row.of and str(row.get("measure")).upper() not in MEASURES:
        raise RefusalError(f"{row.id}: measure is {row.get('measure')!r}; it must be one of {', '.join(MEASURES)}.")
    for arm, values in by_arm(paper, row, "values").items():
        if not isinstance(values, list):
            raise RefusalError(f"{row.id}: the values of arm {arm} are {values!r}; they must be a list of printed numbers.")
        for value in values:
            number(value)
        if not values:
            raise RefusalError(f"{row.id}: the values of arm {arm} are empty.")


def _check_claim(paper: Paper, row: Row) -> None:
    for key in ("parts", "success", "methods", "arms"):
        if key in row.of and not isinstance(row.get(key), list):
            raise RefusalError(f"{row.id}: {key} is {row.get(key)!r}; it must be a list.")
    if "moved" in row.of:
        move = row.get("moved")
        if not isinstance(move, dict) or not {str(move.get("from")), str(move.get("to"))} <= paper.arms.keys():
            raise RefusalError(f"{row.id}: moved is {move!r}; it must name the arms it goes from and to, of {', '.join(paper.arms)}.")
