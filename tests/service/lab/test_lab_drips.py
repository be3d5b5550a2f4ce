"""The scores of what runs into a simulated patient are the clinic's."""

import pytest

from counterpulse.body.drugs import Dose
from counterpulse.service.drips import scores


def test_scores_add_up_by_the_published_coefficients():
    # Wernovsky 1995: dopamine + dobutamine + 100 epinephrine; Gaies 2010 adds 100 norepinephrine, 10 milrinone, 10,000 vasopressin (U/(kg min))
    dose = Dose(dobutamine_ug_kg_min=5.0, epinephrine_ug_kg_min=0.02, norepinephrine_ug_kg_min=0.1, vasopressin_U_min=0.04)
    assert scores(dose, 80.0) == {"inotropic_score": pytest.approx(7.0), "vis": pytest.approx(7.0 + 10.0 + 5.0)}


def test_nothing_running_scores_nothing():
    assert scores(Dose(), 75.0) == {"inotropic_score": 0.0, "vis": 0.0}
