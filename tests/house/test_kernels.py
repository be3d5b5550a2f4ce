"""What would break 'the same bits compiled and plain' in the kernels of signals, body, pump and bed, found in the syntax tree."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from house_sources import Function, functions, python, where

ROOMS = ("src/counterpulse/signals", "src/counterpulse/body", "src/counterpulse/pump", "src/counterpulse/bed")
MARKS = {"kernel", "inline", "rare", "apart"}
TRANSCENDENTALS = {
    "sin", "cos", "tan", "arcsin", "arccos", "arctan", "arctan2", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh", "exp", "exp2", "expm1",
    "log", "log2", "log10", "log1p", "power", "float_power", "cbrt", "hypot", "logaddexp", "sinc",
}  # fmt: skip


def is_kernel(function: Function) -> bool:
    names = [mark.func if isinstance(mark, ast.Call) else mark for mark in function.decorator_list]
    return any((getattr(name, "id", None) or getattr(name, "attr", None)) in MARKS for name in names)


def kernels(files: tuple[Path, ...]) -> Iterator[tuple[Path, Function]]:
    yield from ((file, function) for file in files for function in functions(file) if is_kernel(function))


def faults(function: Function) -> Iterator[tuple[ast.AST, str]]:
    for node in ast.walk(function):
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Pow) and not is_fraction(node):
            yield node, "integer ** (multiply instead)"
        if isinstance(node, ast.Call) and getattr(node.func, "id", None) == "pow":
            yield node, "pow()"
        if isinstance(node, ast.Attribute):
            owner = ast.unparse(node.value)
            if owner in ("np", "numpy") and node.attr in TRANSCENDENTALS:
                yield node, f"np.{node.attr} (math's differs from it in the last bits; choose math)"
            if owner in ("np", "numpy") and node.attr == "random":
                yield node, "np.random (depends on threads; counterpulse.noise does not)"
        if isinstance(node, ast.Raise | ast.Assert):
            yield node, "raise or assert in a loop (set a fault code and go on)"


def is_fraction(node: ast.BinOp | ast.AugAssign) -> bool:
    """True for a power whose exponent is a literal that is no whole number: `x ** 0.5` goes to the same pow either way."""
    exponent = node.right if isinstance(node, ast.BinOp) else node.value
    return isinstance(exponent, ast.Constant) and isinstance(exponent.value, float) and not exponent.value.is_integer()


def test_kernels_keep_their_bits():
    found = [f"{where(file, node)} {function.name}: {what}" for file, function in kernels(python(*ROOMS)) for node, what in faults(function)]
    assert not found, "\n".join(found)


def test_there_are_kernels_to_watch():
    assert any(True for _ in kernels(python("src/counterpulse/signals", "src/counterpulse/noise.py", "src/counterpulse")))


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("x ** 2", 1), ("x ** n", 1), ("x ** 0.5", 0), ("x ** 2.0", 1), ("np.tanh(x)", 1), ("math.tanh(x)", 0), ("np.random.normal()", 1), ("np.sqrt(x)", 0),
    ],
)  # fmt: skip
def test_the_watch_itself(line, count):
    function = ast.parse(f"@kernel\ndef f(x, n):\n    return {line}\n").body[0]
    assert is_kernel(function)
    assert len(list(faults(function))) == count
