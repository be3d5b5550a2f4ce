"""The clinic's pages: forms explain verdicts, answers cite, only a person's own form changes a review state."""

import re

import pytest
from fastapi.testclient import TestClient

from counterpulse.clinic.statements import reviews
from counterpulse.service.clinic import application


@pytest.fixture
def page(tmp_path, monkeypatch):
    monkeypatch.setenv("COUNTERPULSE_REVIEWS", str(tmp_path / "reviews.jsonl"))
    with TestClient(application()) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/clinic/", "/clinic/stage", "/clinic/stage?choice=scai-2022", "/clinic/goals", "/clinic/eligible?choice=altshock-2", "/clinic/score?choice=sofa",
                                  "/clinic/score?choice=haemodynamics", "/clinic/ask", "/clinic/history", "/clinic/statements", "/clinic/statements/contra-aortic-regurgitation"])
def test_pages_open_and_say_what_they_are_not(page, path):
    found = page.get(path)
    assert found.status_code == 200
    assert "Not a medical device" in found.text
    assert "<script" not in found.text
    assert "http://" not in found.text


@pytest.mark.parametrize("path", ["/clinic/nope", "/clinic/statements/nope"])
def test_unknown_pages_are_404_without_a_trace(page, path):
    found = page.get(path)
    assert found.status_code == 404
    assert "Traceback" not in found.text


def test_a_stage_is_explained(page):
    found = page.post("/clinic/stage", data={"choice": "cswg-2022", "sbp_mmHg": "85", "map_mmHg": "60", "lactate_mmol_L": "27", "lactate_mmol_L__unit": "mg/dL"}).text
    assert '<p class="verdict">C</p>' in found
    assert "Hypotension and hypoperfusion" in found
    assert "Missing" in found
    assert "C to E" in found
    assert "Kapur" in found
    assert 'value="85"' in found


def test_both_sides_of_a_dispute_are_shown(page):
    found = page.post("/clinic/eligible", data={"choice": "iabp", "severe_pad": "yes", "aortic_dissection": "no", "aortic_regurgitation_grade": "0"}).text
    assert "disputed contraindication" in found
    assert "Absolute contraindication" in found
    assert "Relative" in found


def test_goals_show_every_goal_and_escalation(page):
    found = page.post("/clinic/goals", data={"choice": "vis", "hr_per_min": "120", "map_mmHg": "60", "inotropic_score": "25"}).text
    assert "unmet" in found
    assert "mandatory" in found


@pytest.mark.parametrize("field", [{"sbp_mmHg": "high"}, {"sbp_mmHg": "900"}, {"lactate_mmol_L": "2", "lactate_mmol_L__unit": "parsec"}])
def test_bad_input_is_refused_in_a_sentence(page, field):
    found = page.post("/clinic/stage", data={"choice": "cswg-2022", **field})
    assert found.status_code == 422
    assert 'class="stop"' in found.text


def test_what_is_typed_is_escaped(page):
    found = page.post("/clinic/ask", data={"question": "<script>alert(1)</script> IABP in severe AR?"}).text
    assert "<script>" not in found
    assert "absolute contraindication" in found


def test_ask_cites_status_and_expiry_and_a_follow_up_keeps_context(page):
    first = page.post("/clinic/ask", data={"question": "IABP in severe AR?"}).text
    assert "submitted" in first
    assert "valid to" in first
    assert 'name="before" value="IABP in severe AR?"' in first
    second = page.post("/clinic/ask", data={"question": "and if it is only mild?", "before": ["IABP in severe AR?"]}).text
    assert "read as following from" in second
    assert "contra-aortic-regurgitation" in second
    assert "No statement covers this." in page.post("/clinic/ask", data={"question": "Who wrote Hamlet?"}).text
    assert page.post("/clinic/ask", data={"question": ""}).status_code == 422


def _key(page):
    return re.search(r'name="key" value="([^"]+)"', page.get("/clinic/statements/what-it-is").text).group(1)


def test_only_the_pages_own_form_signed_by_a_person_reviews(page, tmp_path):
    path, good = "/clinic/statements/what-it-is", {"state": "under review", "actor": "Ada Byron", "mine": "yes"}
    assert page.post(path, data=good).status_code == 403
    assert page.post(path, data=good | {"key": "guess"}).status_code == 403
    key = _key(page)
    assert page.post(path, data={**good, "key": key, "mine": ""}).status_code == 422
    assert page.post(path, data=good | {"key": key, "actor": "Ada"}).status_code == 422
    assert page.post(path, data=good | {"key": key, "state": "approved"}).status_code == 422
    assert reviews(tmp_path / "reviews.jsonl") == {}
    assert page.post(path, data=good | {"key": key}).status_code == 200
    found = page.post(path, data=good | {"key": key, "state": "approved"})
    assert "approved by Ada Byron" in found.text
    assert reviews(tmp_path / "reviews.jsonl")["what-it-is"]["state"] == "approved"


def test_other_hosts_are_not_served(page):
    assert page.get("/clinic/", headers={"host": "evil.example"}).status_code == 400


def test_the_bedside_is_saved_for_the_simulator(page):
    found = page.post("/clinic/bedside.toml", data={"map_mmHg": "70", "choice": "cswg-2022"})
    assert 'name = "map_mmHg"' in found.text
    assert "OBSERVATIONS.toml" in found.headers["content-disposition"]
    assert page.post("/clinic/bedside.toml", data={}).status_code == 422
