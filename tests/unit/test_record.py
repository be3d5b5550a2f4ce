"""Named state: fields once, rows, defaults, ranges and the sentence for a value outside one."""

import copy
import math
from enum import IntEnum
from typing import Annotated, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from counterpulse.kernel import kernel
from counterpulse.record import Many, Q, Record, quantities, sentence
from counterpulse.refusal import RefusalError


class Side(IntEnum):
    LEFT = 0
    RIGHT = 1


class Ring(Record):
    values: Annotated[NDArray[np.float64], Many(3)] = 7.0
    at: int = 0


class Heart(Record):
    rate_per_min: Annotated[float, Q("1/min", 30, 220, "heart rate")] = 70.0
    share: Annotated[float, Q("1", 0, 1, "share")] = 0.5
    side: int = Side.RIGHT
    ring: Ring
    count: Annotated[int, Q("1", 0, 2**32 - 1, "a large whole number")] = 0
    free: float = math.nan


class Doubled(Heart):
    extra: float = 1.0


@kernel
def beat(heart):
    heart.rate_per_min += 1.0
    heart.ring.values[heart.ring.at] = heart.rate_per_min
    heart.ring.at += 1
    return heart.rate_per_min


def test_a_row_has_its_defaults():
    heart = Heart()
    assert (heart.rate_per_min, heart.share, heart.side) == (70.0, 0.5, 1)
    assert math.isnan(heart.free)
    assert heart.ring.values.tolist() == [7.0, 7.0, 7.0]


def test_values_by_name_and_by_row():
    rows = Heart.many(3, rate_per_min=[50, 60, 70], share=0.1)
    assert rows.rate_per_min.tolist() == [50, 60, 70]
    assert rows.share.tolist() == [0.1] * 3
    assert len(Heart.many(0)) == 0


def test_rows_do_not_share_memory():
    a, b = Heart(), Heart()
    a.rate_per_min = 99.0
    a.ring.values[0] = 99.0
    assert (b.rate_per_min, b.ring.values[0], Heart().ring.values[0]) == (70.0, 7.0, 7.0)
    assert Heart.defaults["rate_per_min"][0] == 70.0


def test_a_name_that_is_no_field_lists_the_fields():
    with pytest.raises(TypeError, match=r"^Heart has no field 'rat'; its fields are rate_per_min, share, side, ring, count, free$"):
        Heart(rat=1.0)


def test_fields_keep_their_order_and_are_inherited():
    assert Heart.fields() == ("rate_per_min", "share", "side", "ring", "count", "free")
    assert Doubled.fields() == (*Heart.fields(), "extra")
    assert set(Doubled.quantities()) == {"rate_per_min", "share", "count"}


def test_a_kernel_changes_a_row_in_place():
    heart, plain = Heart(), Heart()
    assert beat(heart) == 71.0
    getattr(beat, "py_func", beat)(plain)
    assert heart.tobytes() == plain.tobytes()
    assert heart.ring.values.tolist() == [71.0, 7.0, 7.0]


def test_a_copy_is_a_snapshot_and_bytes_a_checkpoint():
    heart = Heart(rate_per_min=80.0)
    snapshot, checkpoint = copy.deepcopy(heart), heart.tobytes()
    heart.rate_per_min = 90.0
    assert snapshot.rate_per_min == 80.0
    assert np.frombuffer(checkpoint, Heart.dtype)["rate_per_min"][0] == 80.0


def test_check_gives_back_what_is_in_range():
    rows = Heart.many(2, rate_per_min=[30, 220])
    assert Heart.check(rows) is rows
    one = Heart()
    assert Heart.check(one) is one


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"rate_per_min": 400}, "Heart.rate_per_min is 400 1/min; it must lie in 30 to 220 1/min."),
        ({"rate_per_min": 29.999999}, "Heart.rate_per_min is 29.999999 1/min; it must lie in 30 to 220 1/min."),
        ({"rate_per_min": math.nan}, "Heart.rate_per_min is nan 1/min; it must lie in 30 to 220 1/min."),
        ({"rate_per_min": math.inf}, "Heart.rate_per_min is inf 1/min; it must lie in 30 to 220 1/min."),
        ({"share": -0.1}, "Heart.share is -0.1; it must lie in 0 to 1."),
        ({"count": 2**33}, "Heart.count is 8589934592; it must lie in 0 to 4294967295."),
    ],
)
def test_a_value_outside_is_refused_in_one_sentence(given, said):
    with pytest.raises(RefusalError) as refusal:
        Heart.check(Heart(**given))
    assert str(refusal.value) == said


def test_the_row_that_is_wrong_is_named():
    with pytest.raises(RefusalError, match=r"^Heart.rate_per_min is 0 1/min \(row 2, 2 in all\); it must lie in 30 to 220 1/min\.$"):
        Heart.check(Heart.many(4, rate_per_min=[70, 80, 0, 999]))


def test_tuples_carry_quantities_too():
    class Truth(NamedTuple):
        root: Annotated[float, Q("mmHg", -50, 400, "root")]
        name: str

    assert quantities(Truth) == {"root": Q("mmHg", -50, 400, "root")}
    assert sentence("Truth.root", 500, quantities(Truth)["root"]) == "Truth.root is 500 mmHg; it must lie in -50 to 400 mmHg."
