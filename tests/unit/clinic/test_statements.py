"""Statements: own words whose numbers agree across audiences, sources that exist, review state that only a person changes."""

import datetime as dt
import json
import re

import pytest

from counterpulse.clinic.guidance import ask
from counterpulse.clinic.statements import AUDIENCES, history, record, reviews, statements
from counterpulse.clinic.table import data
from counterpulse.refusal import RefusalError

NUMBER = re.compile(r"(?<![A-Za-z0-9.-])\d+(?:\.\d+)?")


@pytest.mark.parametrize("item", statements().values(), ids=lambda item: item.id)
def test_the_numbers_are_the_same_for_every_audience(item):
    found = {audience: sorted(set(NUMBER.findall(getattr(item, audience)))) for audience in AUDIENCES}
    assert len({tuple(numbers) for numbers in found.values()}) == 1, found


@pytest.mark.parametrize("item", statements().values(), ids=lambda item: item.id)
def test_every_statement_has_sources_certainty_population_and_ships_as_submitted(item):
    assert item.status == "submitted"
    assert item.sources
    assert all(key in data("sources") for key in item.sources)
    assert item.population
    assert item.certainty in ("S", "S2nd", "D", "M-hi", "M-med", "M-lo", "P")
    assert item.expires > item.submitted
    assert item.conflicts or not item.disputed
    assert item.stance in ("permits", "forbids", "cautions", "informs")
    assert len({getattr(item, audience) for audience in AUDIENCES}) == 4


def test_a_contraindication_never_permits():
    assert not [item.id for item in statements().values() if item.id.startswith("contra-") and item.stance in ("permits", "informs")]


@pytest.mark.parametrize("key", list(data("sources")))
def test_every_source_says_how_much_of_it_was_read(key):
    source = data("sources")[key]
    assert source["read"] in ("full", "abstract", "excerpt", "second-hand", "memory")
    assert source["year"] > 1900
    assert "doi" not in source or source["doi"].startswith("10.")


def test_a_review_is_appended_and_shown_and_the_package_stays_as_it_is(tmp_path):
    file = tmp_path / "reviews.jsonl"
    record("what-it-is", "under review", "Ada Byron", file, dt.date(2026, 12, 1))
    record("what-it-is", "approved", "Ada Byron", file, dt.date(2026, 12, 2))
    assert len(file.read_text("utf-8").splitlines()) == 2
    shown = ask("What does the balloon pump do?", review=file, today=dt.date(2026, 12, 3)).more["statements"][0]
    assert (shown["id"], shown["status"], shown["reviewer"], shown["reviewed"]) == ("what-it-is", "approved", "Ada Byron", "2026-12-02")
    assert statements()["what-it-is"].status == "submitted"


def test_an_approval_of_another_text_does_not_count(tmp_path):
    file = tmp_path / "reviews.jsonl"
    record("what-it-is", "under review", "Ada Byron", file)
    entry = record("what-it-is", "approved", "Ada Byron", file)
    file.write_text(json.dumps(entry | {"fingerprint": "0" * 64}) + "\n", "utf-8")
    shown = ask("What does the balloon pump do?", review=file).more["statements"][0]
    assert shown["status"] == "submitted"
    assert shown["review_outdated"]


@pytest.mark.parametrize(("identity", "state", "actor"), [("nope", "approved", "Ada Byron"), ("what-it-is", "approved", "Ada Byron"), ("what-it-is", "liked", "Ada Byron"),
                                                          ("what-it-is", "under review", "Ada"), ("what-it-is", "under review", " "), ("what-it-is", "under review", "123 456")])
def test_a_review_that_does_not_follow_is_refused(identity, state, actor, tmp_path):
    with pytest.raises(RefusalError):
        record(identity, state, actor, tmp_path / "reviews.jsonl")
    assert reviews(tmp_path / "reviews.jsonl") == {}


def test_a_broken_review_file_is_refused(tmp_path):
    (tmp_path / "reviews.jsonl").write_text("not json\n", "utf-8")
    with pytest.raises(RefusalError, match="Line 1"):
        reviews(tmp_path / "reviews.jsonl")


def test_an_expired_statement_says_so(tmp_path):
    found = ask("What does the balloon pump do?", review=tmp_path / "none", today=dt.date(2040, 1, 1))
    assert found.more["statements"][0]["expired"]
    assert any("expiry" in note for note in found.notes)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_the_audience_chooses_the_wording(audience):
    found = ask("Can it be used with aortic regurgitation?", audience)
    assert found.more["answer"] == getattr(statements()["contra-aortic-regurgitation"], audience)


@pytest.mark.parametrize(("question", "audience"), [("", "nurse"), ("x" * 1001, "nurse"), ("What?", "king")])
def test_no_question_or_no_audience_is_refused(question, audience):
    with pytest.raises(RefusalError):
        ask(question, audience)


def test_recommendations_by_year_carry_class_level_certainty_and_a_known_source():
    rows = history()
    assert [row["year"] for row in rows] == sorted(row["year"] for row in rows)
    assert all(row["source"] in data("sources") and row["certainty"] and row["class"] and row["level"] for row in rows)
    infarct = {(row["year"], row["document"]): row["class"] for row in history("infarct-shock")}
    assert (infarct[2008, "ESC STEMI"], infarct[2012, "ESC STEMI"], infarct[2017, "ESC STEMI"]) == ("I", "IIb", "III")
    with pytest.raises(RefusalError, match="heart-failure"):
        history("weather")
