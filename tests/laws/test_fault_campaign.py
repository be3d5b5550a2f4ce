"""The safe state under random faults: no check broken, no crash, every fault alarmed in time, no alarm for what is not there."""

from collections import Counter

import pytest

import fault_campaign
from counterpulse.cohort.campaign import draw_case, run_block

FEW, MANY, SEED = 40, 10_000, 11


def judged(cases):
    return [one for first in range(0, len(cases), 8) for one in run_block(cases[first : first + 8])]


def reasons(results):
    broken = Counter(name for one in results for name in one.unsafe)
    return broken, [(one.number, one.missed, one.false) for one in results if one.missed or one.false]


def test_a_few_random_faults(record_property):
    results = judged([draw_case(SEED, number) for number in range(FEW)])
    broken, wrong = reasons(results)
    record_property("fault campaign, scenarios without fault of ours", f"{sum(one.passed for one in results)} of {FEW}")
    assert not broken, broken
    assert not wrong, wrong


@pytest.mark.soak
def test_many_random_faults(tmp_path, monkeypatch):
    monkeypatch.setattr(fault_campaign, "FOLDER", tmp_path)
    results = fault_campaign.campaign(MANY, SEED, quiet=True)
    assert [one["number"] for one in results if fault_campaign.failed(one)] == []


def test_a_campaign_goes_on_where_it_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(fault_campaign, "FOLDER", tmp_path)
    monkeypatch.setattr(fault_campaign, "run_block", pytest.fail)
    file = tmp_path / "5.jsonl"
    lines = [f'{{"number": {n}, "unsafe": {{}}, "missed": [], "false": [], "masked": [], "answered": [], "source": "{fault_campaign.source_hash()}"}}\n' for n in range(8)]
    file.write_text("".join(lines) + '{"number": 9, "unsa', encoding="utf-8")
    assert set(fault_campaign.done_before(file)) == set(range(8))
    assert len(fault_campaign.campaign(8, 5, quiet=True)) == 8
