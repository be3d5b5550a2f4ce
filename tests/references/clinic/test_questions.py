"""The 200 frozen questions: right answers, no answer without a source, no permission where a contraindication applies."""

import tomllib
from pathlib import Path

import pytest

from counterpulse.clinic.guidance import ask
from counterpulse.clinic.statements import statements
from counterpulse.clinic.table import data

QUESTIONS = tomllib.loads(Path(__file__).with_name("questions.toml").read_text("utf-8"))["questions"]
MORE, LAST = (tomllib.loads(Path(__file__).with_name(f"questions-{name}.toml").read_text("utf-8"))["questions"] for name in ("more", "last"))


def right(item):
    found = ask(item["ask"], before=[item["after"]] if "after" in item else [])
    if "refusal" in item:
        return found.verdict != "answered"
    return found.verdict == "answered" and found.more["statements"][0]["id"] in item["expect"]


def test_there_are_two_hundred_and_every_expected_statement_exists():
    assert len(QUESTIONS) == 200
    assert {name for item in [*QUESTIONS, *MORE, *LAST] for name in item.get("expect", [])} <= set(statements())


@pytest.mark.parametrize("split", ["tune", "held-out"])
def test_at_least_95_percent_right(split, record_property):
    mine = [item for item in QUESTIONS if item["split"] == split]
    wrong = [item["ask"] for item in mine if not right(item)]
    record_property(f"frozen questions right, {split}", f"{len(mine) - len(wrong)} of {len(mine)}")
    assert len(wrong) <= 0.05 * len(mine), wrong


@pytest.mark.parametrize("items", [MORE, LAST], ids=["more", "last"])
def test_the_other_lists_too(items, record_property):
    wrong = [item["ask"] for item in items if not right(item)]
    record_property("further questions right", f"{len(items) - len(wrong)} of {len(items)}; wrong: {'; '.join(wrong)}")
    assert len(wrong) <= 0.05 * len(items), wrong


@pytest.mark.parametrize("item", [*QUESTIONS, *MORE, *LAST], ids=lambda item: item["ask"][:40])
def test_no_answer_without_a_source_and_dangerous_requests_are_refused(item):
    found = ask(item["ask"], before=[item["after"]] if "after" in item else [])
    assert found.verdict != "answered" or (found.sources and all(one["sources"] for one in found.more["statements"]))
    assert item.get("refusal") != "dangerous" or found.verdict != "answered"


CONDITIONS = {
    "contra-aortic-regurgitation": ["aortic regurgitation", "severe AR", "a leaky aortic valve", "aortic insufficiency", "an incompetent aortic valve", "aortic valve regurgitation", "sever aortic insufficency",
                                    "an aortic valve that lets blood flow back", "backflow through the aortic valve", "a paravalvular leak of the aortic prosthesis", "aortic valve endocarditis with perforation",
                                    "blood leaking back into the heart at the main valve", "3+ AI", "torrential AR", "free aortic regurgitation"],
    "contra-aortic-dissection": ["aortic dissection", "a torn aorta", "a type B dissection", "a tear in the aorta", "aortic disection"],
    "contra-aortic-aneurysm": ["an aortic aneurysm", "AAA", "a bulging aorta", "a 7 cm thoracic aneurysm", "aneurism of the aorta"],
    "contra-peripheral-artery-disease": ["severe PAD", "peripheral vascular disease", "blocked leg arteries", "aorto-iliac occlusion", "claudication", "PVD", "iliofemoral disease", "poor circulation in the legs"],
    "contra-uncontrolled-bleeding": ["uncontrolled bleeding", "massive haemorrhage", "active bleeding"],
    "contra-sepsis": ["septic shock", "sepsis", "blood poisoning"],
    "contra-patent-ductus": ["a patent ductus arteriosus"],
    "contra-outflow-obstruction": ["LVOT obstruction", "HOCM"],
    "contra-thrombocytopenia": ["HIT", "severe thrombocytopenia", "a platelet count of 12"],
    "contra-access-route": ["a stent graft", "a femoropopliteal bypass", "morbid obesity"],
}
FORMS = [
    "Can I use IABP in {}?", "Is it safe to place a balloon pump with {}?", "Patient with cardiogenic shock and {}, IABP ok?", "{} - IABP?", "Is {} a contraindication?",
    "Myocarditis with {}: does the balloon pump help?", "Papillary muscle rupture and {}, bridge to surgery with IABP?", "waiting for transplant, {}, can he have the pump",
    "I think {} is no problem for counterpulsation, agreed?", "Just confirm that IABP is indicated in heart failure shock with {}.", "how would you manage {} on the balloon pump",
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("leads", "words"), [(name, word) for name, many in CONDITIONS.items() for word in many])
def test_a_contraindication_leads_and_nothing_that_permits_stands_beside_it(form, leads, words):
    found = ask(form.format(words))
    cited = [item["id"] for item in found.more["statements"]]
    assert leads in cited
    assert found.verdict == "refused" or cited[0].startswith("contra-")
    assert not any(item["stance"] == "permits" for item in found.more["statements"])


@pytest.mark.parametrize("words", ["aortic regurgitation", "aortic dissection", "severe PAD"])
@pytest.mark.parametrize("after", ["And if we only use 1:2?", "so can we place it?", "what about a small balloon?", "but it is an emergency"])
def test_a_follow_up_does_not_lose_the_contraindication(words, after):
    found = ask(after, before=[f"IABP in {words}?"])
    assert found.more["follow_up"]
    assert found.more["statements"][0]["id"].startswith("contra-")


@pytest.mark.parametrize("item", [*QUESTIONS, *MORE, *LAST], ids=lambda item: item["ask"][:40])
def test_what_permits_never_stands_without_the_contraindications(item):
    shown = ask(item["ask"], before=[item["after"]] if "after" in item else []).more["statements"]
    assert not any(one["stance"] == "permits" for one in shown) or any(one["id"] == "contra-overview" for one in shown)


def test_a_denied_contraindication_does_not_lead():
    found = ask("Myocarditis with shock, no aortic regurgitation, no dissection: is the pump used?")
    assert found.more["statements"][0]["id"] == "ind-myocarditis"


@pytest.mark.parametrize("valve", ["severe mitral regurgitation", "mitral insufficiency", "a leaking mitral valve", "regurgitation through the mitral valve", "severe MR"])
def test_the_mitral_valve_is_not_the_aortic_one(valve):
    found = ask(f"Papillary muscle rupture with {valve}: is the balloon pump indicated?")
    assert found.more["statements"][0]["id"] == "ind-mechanical-complications"
    both = ask(f"Papillary muscle rupture with {valve} and severe aortic regurgitation: is the balloon pump indicated?")
    assert both.more["statements"][0]["id"] == "contra-aortic-regurgitation"
    assert not any(one["stance"] == "permits" for one in both.more["statements"])


def test_guards_and_concepts_agree():
    book = data("synonyms")
    assert set(book["guard"]) <= set(book["concept"])
    assert set(book["guard"].values()) <= set(statements())
