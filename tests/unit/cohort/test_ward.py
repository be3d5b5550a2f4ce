"""A ward: what is found before the pump holds under it, and a free lane has no console; parts of a run join whatever they lack."""

import numpy as np
import polars as pl
import pytest

from counterpulse.bed.tick import ALONE
from counterpulse.body.patient import Patient
from counterpulse.cohort import pool
from counterpulse.cohort.arms import Arm
from counterpulse.cohort.block import Job, Ward, run_job
from counterpulse.cohort.preset import load
from counterpulse.cohort.store import merge, packed


def rows():
    return np.array([load("hf-shock").patient], Patient.dtype).view(np.recarray)


@pytest.fixture(scope="module")
def before():
    return run_job(rows(), Job(Arm("without", 0)))[1]


def test_under_a_pump_the_sites_delay_is_the_one_found_before(before, monkeypatch):
    assert before[0].delay / 250.0 > 0.05  # the wrist's foot comes well after the root's

    def sought(*_):
        raise AssertionError("the delay was sought under the pump")

    monkeypatch.setattr(pool, "site_delay", sought)
    results, after = run_job(rows(), Job(Arm("with", 1)), before)
    assert results[0].periodic
    assert after[0].delay == before[0].delay
    assert results[0].numbers["end_diastolic_mmHg"] < results[0].numbers["augmented_peak_mmHg"]


def test_a_lane_without_a_patient_has_no_console(before):
    ward = Ward(rows(), Job(Arm("with", 1)), before)
    ward.admit()
    assert ward.bed.twin[0] != ALONE
    assert (ward.bed.twin[1:] == ALONE).all()


def test_a_column_may_hold_nothing_in_the_first_part(tmp_path):
    parts = [tmp_path / "0.parquet", tmp_path / "1.parquet"]
    for k, (fault, change) in enumerate([(None, None), ("not settled", 0.01)]):
        parts[k].write_bytes(packed(pl.DataFrame({"patient": [k], "arm": ["with"], "fault": [fault], "step_halving": [change]})))
    whole = merge(parts, tmp_path / "whole.parquet", ("patient", "arm"), ("step_halving", "fault"))
    assert whole["fault"].to_list() == [None, "not settled"]
    assert whole["step_halving"].to_list() == [None, 0.01]
