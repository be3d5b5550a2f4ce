"""Public teaching data of R's survival package: the numbers are shipped, the data are not (LGPL). `sh scripts/references/run.sh` writes them."""

import csv
import json
import os
from pathlib import Path

import numpy as np
import pytest

from counterpulse.stats.competing import aalen_johansen, fine_gray, gray
from counterpulse.stats.qualification import FOLDER, difference
from counterpulse.stats.survival import Survival, cox, cox_zph, kaplan_meier, log_rank, rmst

DATA = Path(os.environ.get("COUNTERPULSE_REFERENCE_DATA", "build/references")) / "public"
SETS = json.loads((FOLDER / "public.json").read_text())["sets"]


def rows(name):
    path = DATA / f"{name}.csv"
    if not path.exists():
        pytest.skip(f"{path} is not there: run scripts/references/run.sh (needs R) to write the public data sets")
    with path.open() as file:
        sheet = list(csv.DictReader(file))
    column = {key: np.array([float(line[key]) for line in sheet]) for key in sheet[0]}
    return column["time"], column["event"], np.column_stack([column[key] for key in column if key.startswith("x")])


def close(ours, theirs):
    theirs = np.atleast_1d(np.array(theirs, float))
    assert max(difference(float(a), float(b)) for a, b in zip(ours, theirs, strict=True)) <= 1e-8


@pytest.mark.parametrize("name", [name for name in SETS if name != "mgus2"])
def test_survival_of_public_data_equals_r(name):
    time, event, x = rows(name)
    expected, survival = SETS[name], Survival(time, event)
    for ties in ("efron", "breslow", "exact"):
        fit = cox(survival, x, ties=ties)
        close([*fit.coefficients, *fit.std_err, *fit.loglik, fit.score[0], fit.wald[0]], expected[f"cox.{ties}"])
    for transform in ("km", "rank", "identity", "log"):
        found = cox_zph(cox(survival, x), transform=transform)
        close([*found.statistic, found.whole[0]], expected[f"zph.{transform}"])
    if "log_rank" in expected:
        close([log_rank(survival, x @ [1, 2][: x.shape[1]]).statistic], expected["log_rank"])
    curve = kaplan_meier(survival)
    for ours, theirs in zip((curve.median, curve.median_lower, curve.median_upper), expected["median"], strict=True):
        assert difference(None if np.isnan(ours) else ours, theirs) == 0
    area = rmst(survival, 180)
    close([area.estimate, area.std_err], expected["rmst180"])


def test_competing_causes_of_mgus2_equal_r():
    time, event, x = rows("mgus2")
    expected, survival = SETS["mgus2"], Survival(time, event)
    fit = fine_gray(survival, x)
    close([*fit.coefficients, *fit.std_err, fit.loglik[1]], expected["fine_gray"])
    close([gray(survival, x[:, 0], cause).statistic for cause in (1, 2)], expected["gray"])
    curve = aalen_johansen(survival)
    close([curve.at(60)[0], curve.at(120)[0]], expected["incidence"])
    place = np.searchsorted(curve.time, [60, 120], side="right") - 1
    close(curve.std_err[place] ** 2, expected["variance"])
