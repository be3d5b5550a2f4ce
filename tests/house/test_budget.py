"""The house's budget: small files, small functions, few arguments, no drawer for odds and ends."""

import ast
import statistics

import pytest
from house_sources import arguments, code_lines, functions, python, where

FILE_LINES, FUNCTION_LINES, ARGUMENTS = 400, 40, 6
DRAWERS = {"utils", "util", "helpers", "helper", "common", "base", "manager", "managers", "misc"}
SOURCES = python("src")


def test_no_file_is_longer_than_the_budget():
    long = {where(file): lines for file in SOURCES if (lines := file.read_text(encoding="utf-8").count("\n")) > FILE_LINES}
    assert not long, f"files over {FILE_LINES} lines: {long}"


def test_no_function_is_longer_than_the_budget():
    long = {f"{where(file, f)} {f.name}": code_lines(f) for file in SOURCES for f in functions(file) if code_lines(f) > FUNCTION_LINES}
    assert not long, f"functions over {FUNCTION_LINES} lines: {long}"


def test_no_function_takes_more_arguments_than_the_budget():
    many = {f"{where(file, f)} {f.name}": arguments(f) for file in SOURCES for f in functions(file) if arguments(f) > ARGUMENTS}
    assert not many, f"functions of more than {ARGUMENTS} arguments: {many}"


def test_medians_stay_small(record_property):
    files = statistics.median(file.read_text(encoding="utf-8").count("\n") for file in SOURCES if file.name != "__init__.py")
    lengths = statistics.median(code_lines(function) for file in SOURCES for function in functions(file))
    record_property("lines of a file, median", files)
    record_property("lines of a function, median", lengths)
    assert files <= 150
    assert lengths <= 8


@pytest.mark.parametrize("folder", ["src", "tests", "benchmarks", "scripts"])
def test_no_module_is_a_drawer(folder):
    drawers = [where(file) for file in python(folder) if DRAWERS & {*file.with_suffix("").parts[-3:]}]
    assert not drawers, f"name these for what they know: {drawers}"


def test_every_module_says_what_it_knows():
    silent = [where(file) for file in SOURCES if not ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))]
    assert not silent, f"no module docstring: {silent}"
