"""Conditions and formulas as text: read once, answered for one patient or for a whole Polars frame with the same verdict.

Knows comparison, `and`, `or`, `not`, `+ - * / **`, `sqrt(x)`, `first(a, b, …)` (the first that is known) and `known(x)`.
Three-valued throughout: an unknown input makes the answer unknown unless the others already decide it (Kleene 1952).
Does not know medicine, units or tables. A value that cannot be computed (division by zero, root of a negative) is unknown.
"""

import ast
import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import polars as pl

from counterpulse.refusal import RefusalError

Value = float | bool | str | None

COMPARE: dict[type, Callable[[Any, Any], Any]] = {
    ast.Lt: lambda a, b: a < b,
    ast.LtE: lambda a, b: a <= b,
    ast.Gt: lambda a, b: a > b,
    ast.GtE: lambda a, b: a >= b,
    ast.Eq: lambda a, b: a == b,
    ast.NotEq: lambda a, b: a != b,
}
ARITHMETIC: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b,
}


@lru_cache(maxsize=4096)
def parse(text: str) -> ast.expr:
    """Read one condition or formula. Raises RefusalError when it is no expression."""
    try:
        return ast.parse(text.strip(), mode="eval").body
    except SyntaxError:
        raise RefusalError(f"The condition {text!r} cannot be read; allowed are comparisons, and, or, not and arithmetic.") from None


@lru_cache(maxsize=4096)
def names(text: str) -> tuple[str, ...]:
    """Names that a condition reads, in order of appearance, functions left out."""
    functions = {node.func.id for node in ast.walk(parse(text)) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    found = [node for node in ast.walk(parse(text)) if isinstance(node, ast.Name) and node.id not in functions]
    ordered = sorted(found, key=lambda node: (node.lineno, node.col_offset))
    return tuple(dict.fromkeys(node.id for node in ordered))


def answer(text: str, values: Mapping[str, Value]) -> Any:
    """Answer a condition or formula for one patient: a number, True, False or None where it cannot be known."""
    return _scalar(parse(text), values)


def _scalar(node: ast.expr, values: Mapping[str, Value]) -> Any:  # noqa: PLR0911 one return for every kind of node
    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            return values.get(node.id)
        case ast.BoolOp():
            return _settle([_scalar(part, values) for part in node.values], decisive=isinstance(node.op, ast.Or))
        case ast.UnaryOp():
            inner = _scalar(node.operand, values)
            return None if inner is None else (not inner if isinstance(node.op, ast.Not) else -inner)
        case ast.Compare():
            sides = [_scalar(part, values) for part in (node.left, *node.comparators)]
            links = [_pair(COMPARE[type(op)], a, b) for op, a, b in zip(node.ops, sides, sides[1:], strict=False)]
            return _settle(links, decisive=False)
        case ast.BinOp():
            return _pair(ARITHMETIC[type(node.op)], _scalar(node.left, values), _scalar(node.right, values))
        case ast.Call():
            return _call(node, [_scalar(part, values) for part in node.args])
    raise RefusalError(f"A condition may not contain {type(node).__name__}.")


def _settle(parts: list[Any], *, decisive: bool) -> bool | None:
    """`or` when decisive is True, `and` when it is False."""
    if any(part is not None and bool(part) is decisive for part in parts):
        return decisive
    return None if any(part is None for part in parts) else not decisive


def _pair(operation: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    if a is None or b is None:
        return None
    try:
        result = operation(a, b)
    except (ZeroDivisionError, OverflowError):
        return None
    return None if isinstance(result, complex) or (isinstance(result, float) and not math.isfinite(result)) else result


def _call(node: ast.Call, parts: list[Any]) -> Any:
    function = node.func.id if isinstance(node.func, ast.Name) else ""
    if function == "first":
        return next((part for part in parts if part is not None), None)
    if function == "known":
        return parts[0] is not None
    if function == "sqrt":
        return None if parts[0] is None or parts[0] < 0 else math.sqrt(parts[0])
    raise RefusalError(f"A condition may not call {function!r}; it may call first, known and sqrt.")


def column(text: str, columns: Mapping[str, pl.Expr]) -> pl.Expr:
    """The same condition as a Polars expression; `columns` gives an expression for every name (null = unknown)."""
    return _expression(parse(text), columns)


def _expression(node: ast.expr, columns: Mapping[str, pl.Expr]) -> pl.Expr:  # noqa: PLR0911 one return for every kind of node
    match node:
        case ast.Constant():
            return pl.lit(node.value)
        case ast.Name():
            return columns.get(node.id, pl.lit(None))
        case ast.BoolOp():
            parts = [_expression(part, columns) for part in node.values]
            return pl.any_horizontal(parts) if isinstance(node.op, ast.Or) else pl.all_horizontal(parts)
        case ast.UnaryOp():
            inner = _expression(node.operand, columns)
            return ~inner if isinstance(node.op, ast.Not) else -inner
        case ast.Compare():
            sides = [_expression(part, columns) for part in (node.left, *node.comparators)]
            return pl.all_horizontal([COMPARE[type(op)](a, b) for op, a, b in zip(node.ops, sides, sides[1:], strict=False)])
        case ast.BinOp():
            return finite(ARITHMETIC[type(node.op)](_expression(node.left, columns), _expression(node.right, columns)))
        case ast.Call():
            return _column_call(node, [_expression(part, columns) for part in node.args])
    raise RefusalError(f"A condition may not contain {type(node).__name__}.")


def finite(expression: pl.Expr) -> pl.Expr:
    """Null where a number is not finite."""
    return pl.when(expression.is_finite()).then(expression)


def _column_call(node: ast.Call, parts: list[pl.Expr]) -> pl.Expr:
    function = node.func.id if isinstance(node.func, ast.Name) else ""
    if function == "first":
        return pl.coalesce(parts)
    if function == "known":
        return parts[0].is_not_null()
    if function == "sqrt":
        return finite(parts[0].sqrt())
    raise RefusalError(f"A condition may not call {function!r}; it may call first, known and sqrt.")
