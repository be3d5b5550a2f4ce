"""Writes docs/reference/generated/commands.md and nomenclature.md from the code: every command's help, every field's unit, range and source."""

import importlib
import inspect
import io
import pkgutil
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

import counterpulse
from counterpulse.cli import build
from counterpulse.record import Q, quantities

FOLDER = Path(__file__).parent.parent / "reference" / "generated"


def commands(app, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    """Every command of the application with its path, sub-commands too."""
    for name in sorted(name for name in app if not name.startswith("-")):
        child = app[name]
        yield (*path, name), child
        yield from commands(child, (*path, name))


def help_of(app, path: tuple[str, ...]) -> str:
    """What `counterpulse PATH --help` prints, 110 characters wide."""
    out = io.StringIO()
    app.help_print(list(path), console=Console(file=out, width=110, color_system=None))
    return "\n".join(line.rstrip() for line in out.getvalue().strip().splitlines())


def command_page() -> str:
    """The page of commands."""
    app = build()
    parts = ["# Commands\n\nMade from the commands themselves. Exit codes: 0 done, 1 a check that the command exists to make failed, 2 bad input, 130 interrupted.\n"]
    parts += [f"## counterpulse {' '.join(path)}\n\n```text\n{help_of(app, path)}\n```\n" for path, _ in commands(app)]
    return "\n".join(parts)


def modules() -> Iterator[object]:
    """Every module of the package but the command line and what needs an optional package."""
    for info in sorted(pkgutil.walk_packages(counterpulse.__path__, "counterpulse."), key=lambda info: info.name):
        if not info.name.startswith(("counterpulse.cli", "counterpulse.__main__", "counterpulse.service")):
            yield importlib.import_module(info.name)


def records() -> list[type]:
    """Every class whose fields carry quantities, in order of module and line."""
    kinds = {
        kind: (module.__name__, inspect.getsourcelines(kind)[1])
        for module in modules()
        for kind in vars(module).values()
        if inspect.isclass(kind) and kind.__module__ == module.__name__ and has_quantities(kind)
    }
    return sorted(kinds, key=kinds.__getitem__)


def has_quantities(kind: type) -> bool:
    """True for a record or tuple with at least one annotated quantity."""
    try:
        return bool(quantities(kind))
    except (TypeError, NameError):
        return False


def row(name: str, q: Q) -> str:
    """One line of the table."""
    cells = (f"`{name}`", q.unit, f"{q.low:.10g} to {q.high:.10g}", q.meaning, q.source)
    return "| " + " | ".join(cell.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*") for cell in cells) + " |"


def nomenclature_page() -> str:
    """The page of quantities."""
    parts = ["# Nomenclature\n\nMade from the records' annotations: every quantity with its unit (UCUM; 1 = none), allowed range, meaning and source.\n"]
    for kind in records():
        first = (inspect.getdoc(kind) or "").split("\n")[0]
        rows = "\n".join(row(name, q) for name, q in quantities(kind).items())
        parts.append(f"## {kind.__module__.removeprefix('counterpulse.')}.{kind.__name__}\n\n{first}\n\n| field | unit | range | meaning | source |\n|---|---|---|---|---|\n{rows}\n")
    return "\n".join(parts)


def write(*_: object) -> None:
    """Write both pages; an unchanged page keeps its time, so that sphinx need not read it again."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in (("commands", command_page()), ("nomenclature", nomenclature_page())):
        file = FOLDER / f"{name}.md"
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")


def drop_empty_patterns(app, page: str, source: list[str]) -> None:
    """Leave out of the front page's contents the rooms that have no pages yet, which sphinx would warn of."""
    if page == "index":
        folder = Path(app.srcdir)
        source[0] = "\n".join(line for line in source[0].split("\n") if not line.endswith("/*") or any(folder.glob(f"{line}.md")))


def setup(app):
    """Sphinx's hook."""
    app.connect("builder-inited", write)
    app.connect("source-read", drop_empty_patterns)
    return {"parallel_read_safe": True}
