"""The project's own files, parsed once, for the tests of this folder."""

import ast
import functools
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PACKAGE = ROOT / "src" / "counterpulse"
Function = ast.FunctionDef | ast.AsyncFunctionDef


@functools.cache
def tracked() -> tuple[Path, ...]:
    """Every file that git tracks and that is there; outside a checkout every file of the source distribution."""
    git = shutil.which("git")
    listing = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout if git else ""
    if listing:
        return tuple(file for name in listing.split("\0") if name and (file := ROOT / name).is_file())
    hidden = {".venv", "build", "dist", "out", "_build", "__pycache__", "generated"}
    return tuple(file for file in ROOT.rglob("*") if file.is_file() and not hidden & set(file.relative_to(ROOT).parts))


@functools.cache
def python(*folders: str) -> tuple[Path, ...]:
    """Python sources below these folders of the project."""
    places = tuple(ROOT / folder for folder in folders)
    return tuple(file for file in tracked() if file.suffix == ".py" and any(place in file.parents for place in places))


@functools.cache
def tree(file: Path) -> ast.Module:
    """The file's syntax tree."""
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


def functions(file: Path) -> Iterator[Function]:
    """Every function and method of a file, nested ones too."""
    yield from (node for node in ast.walk(tree(file)) if isinstance(node, Function))


def code_lines(function: Function) -> int:
    """Lines from the first statement after the docstring to the end of the last one."""
    body = function.body
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant) and isinstance(body[0].value.value, str):
        body = body[1:]
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def arguments(function: Function) -> int:
    """Number of arguments, `self` and `cls` left out."""
    given = function.args
    names = [argument.arg for argument in given.posonlyargs + given.args + given.kwonlyargs]
    return len([name for name in names if name not in ("self", "cls")])


def where(file: Path, node: ast.AST | None = None) -> str:
    """`path:line` relative to the project."""
    line = getattr(node, "lineno", None)
    return str(file.relative_to(ROOT)) + (f":{line}" if line else "")
