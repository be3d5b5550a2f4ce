"""Clean made-up papers are not accused; planted errors are found. The full figures: benchmarks/audit_detection.py."""

import pytest
from made_papers import PLANTS, clean, planted

from counterpulse.evidence.audit import audit
from counterpulse.evidence.paper import build

COUNTED = ("inconsistent", "not_reproducible", "other_test")


def accusations(raw):
    return {(finding.id, finding.sentence) for finding in audit(build(raw)).findings if finding.kind in COUNTED}


@pytest.mark.parametrize("first", range(5_000, 5_100, 10))
def test_no_clean_paper_is_accused(first):
    accused = [(seed, finding) for seed in range(first, first + 10) for finding in audit(build(clean(seed))).wrong]
    assert accused == []


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_planted_errors_are_found(plant):
    made, seed = [], 9_000
    while len(made) < 8 and seed < 9_300:
        one = planted(seed, plant)
        made += [(seed, *one)] if one else []
        seed += 1
    missed = []
    for used, raw, touched in made:
        fresh = accusations(raw) - accusations(clean(used))
        if not any(name.startswith(row) for name, _ in fresh for row in touched):
            missed.append(used)
    assert len(made) == 8
    assert missed == []


def test_twenty_kinds_or_more():
    assert len(PLANTS) >= 20
