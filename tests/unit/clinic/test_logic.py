"""One condition language, two ways to answer it: the same truth, the unknown included."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterpulse.clinic import logic
from counterpulse.refusal import RefusalError

CONDITIONS = [
    "a < 1 or b > 2",
    "a < 1 and not p",
    "not (p or q) and a + b >= 3",
    "1 <= a < 2",
    "first(a, b) > 1 or known(b)",
    "a / b > 2",
    "sqrt(a) < 1 or p",
    "(a < 1 or p) and (b < 1 or q)",
    "a ** 2 - b * 2 != 1",
]
NUMBER = st.none() | st.sampled_from([-1.0, 0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0])
FLAG = st.none() | st.booleans()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(NUMBER, NUMBER, FLAG, FLAG), min_size=1, max_size=8), st.sampled_from(CONDITIONS))
def test_frame_and_patient_answer_alike(rows, condition):
    names = ("a", "b", "p", "q")
    schema = {"a": pl.Float64, "b": pl.Float64, "p": pl.Boolean, "q": pl.Boolean}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    column = frame.select(logic.column(condition, {name: pl.col(name) for name in names}).alias("answer"))["answer"].to_list()
    assert column == [logic.answer(condition, dict(zip(names, row, strict=True))) for row in rows]


@pytest.mark.parametrize(("values", "expected"), [({"a": 0}, True), ({"b": 3}, True), ({"b": 1}, None), ({"a": 2, "b": 1}, False), ({}, None)])
def test_unknown_decides_only_what_it_must(values, expected):
    assert logic.answer("a < 1 or b > 2", values) is expected


@pytest.mark.parametrize("text", ["import os", "__import__('os')", "a.b", "[a]", "lambda: 1", "a if b else c", "open(a)"])
def test_nothing_but_conditions_is_read(text):
    with pytest.raises(RefusalError):
        logic.answer(text, {"a": 1, "b": 1, "c": 1})


def test_division_by_zero_is_unknown():
    assert logic.answer("a / b", {"a": 1.0, "b": 0.0}) is None
    assert logic.answer("sqrt(a)", {"a": -1.0}) is None
