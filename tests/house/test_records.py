"""Every quantity has a unit and a sane range, its default lies in it, and its name and unit agree."""

import importlib
import pkgutil
import re

import numpy as np
import pytest

import counterpulse
from counterpulse.record import Record

WORDS = {"Fr": "french", "a": "years"}  # units that a name spells out
ROOMS = ("signals", "body", "pump", "bed", "cohort")


def below(kind):
    for child in kind.__subclasses__():
        yield child
        yield from below(child)


def records():
    for info in pkgutil.walk_packages(counterpulse.__path__, "counterpulse."):
        if info.name.split(".")[1] in ROOMS:
            importlib.import_module(info.name)
    return [kind for kind in below(Record) if kind.__module__.startswith("counterpulse.")]


RECORDS = {f"{kind.__module__}.{kind.__name__}": kind for kind in records()}
QUANTITIES = [pytest.param(kind, name, q, id=f"{kind.__name__}.{name}") for kind in RECORDS.values() for name, q in kind.quantities().items()]


@pytest.mark.parametrize(("kind", "name", "q"), QUANTITIES)
def test_a_quantity_has_a_unit_a_meaning_and_a_default_in_its_range(kind, name, q):
    assert q.unit, "a quantity without a unit; write '1' for none"
    assert q.meaning
    assert q.low < q.high
    default = kind.defaults[name][0]
    assert np.all((default >= q.low) & (default <= q.high)), f"default {default} outside {q.low} to {q.high}"


@pytest.mark.parametrize(("kind", "name", "q"), QUANTITIES)
def test_the_name_ends_with_the_unit(kind, name, q):
    ending = WORDS.get(q.unit) or re.sub(r"[ ()/.]+", "_", q.unit.replace("1/", "per_")).strip("_")
    assert q.unit == "1" or name.endswith(ending), f"{kind.__name__}.{name} is in {q.unit}: end its name in _{ending}"


def test_every_record_is_aligned_for_compiled_code():
    assert RECORDS
    assert all(kind.dtype.isalignedstruct for kind in RECORDS.values())
