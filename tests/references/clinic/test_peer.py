"""The open tool PV-One v3 beside our rule: the figures of docs/clinic/comparison.md, and the cases where the two part."""

import pytest
from peer_grid import GRID, differences, peer

from counterpulse.clinic.patient import read
from counterpulse.clinic.staging import stage

CALM = {"sbp_mmHg": 120.0, "map_mmHg": 85.0, "lactate_mmol_L": 1.0, "alt_U_L": 30.0, "ph": 7.4, "drugs": 0.0, "devices": 0.0, "ohca": False}


@pytest.mark.parametrize(
    ("change", "ours", "theirs"),
    [({"lactate_mmol_L": 7.0}, "C", "A"), ({"alt_U_L": 800.0}, "C", "A"), ({"lactate_mmol_L": 10.0}, "C", "E"), ({"sbp_mmHg": 85.0, "lactate_mmol_L": 2.0}, "C", "B"),
     ({"sbp_mmHg": 85.0, "ph": 7.25}, "B", "C"), ({"drugs": 1.0, "devices": 1.0}, "D", "C"), ({"sbp_mmHg": 85.0, "drugs": 1.0}, "D", "C")],
)
def test_where_they_part(change, ours, theirs):
    row = CALM | change
    assert stage(read(row)).verdict == ours
    assert peer(row, prior_therapy=False) == theirs


def test_figures_of_the_comparison_page():
    found = differences()
    assert found[True]["rows"] == 4 * 3 * 7 * 5 * 3 * 4 * 3 * len(GRID["ohca"])
    assert (found[True]["apart"], found[True]["peer_lower"]) == (652, 80)
    assert (found[False]["apart"], found[False]["peer_lower"]) == (2004, 1436)
