"""Presets: each loads, names its sources, fits a catheter of the table; wrong files get one sentence."""

import pytest

from counterpulse.body.gas import CATHETERS
from counterpulse.cohort.preset import changed, find, load, names
from counterpulse.refusal import RefusalError

ISSUE = {
    "healthy", "chronic-hf", "hf-shock", "ami-shock", "high-risk-pci", "postcardiotomy", "papillary-rupture", "septal-rupture", "myocarditis", "aortic-regurgitation",
    "stiff-aorta", "af", "rv-failure",
}  # fmt: skip


def test_all_presets_are_there():
    assert set(names()) >= ISSUE


@pytest.mark.parametrize("name", sorted(ISSUE))
def test_a_preset_is_whole(name):
    preset = load(name)
    assert preset.title
    assert preset.about
    assert preset.catheter in CATHETERS
    assert preset.targets
    assert all(target.source and target.certainty in ("high", "moderate", "low") for target in preset.targets)
    assert all(preset.free)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[patient]\nheart_rate_per_min = 900\n", "900"),
        ("[patient]\nheart_rate = 70\n", "heart_rate"),
        ("[patient]\nheart_rate_per_min = true\n", "number"),
        ("[patient\n", "not valid TOML"),
        ("[person]\nage = 3\n", "[person]"),
    ],
)
def test_a_wrong_file_gets_one_sentence(tmp_path, text, words):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(RefusalError) as caught:
        load(str(path))
    assert words in str(caught.value)
    assert "\n" not in str(caught.value).strip() or "TOML" in str(caught.value)


def test_an_unknown_name_lists_the_presets():
    with pytest.raises(RefusalError, match="hf-shock"):
        find("no-such-patient")


def test_a_changed_patient_keeps_the_rest():
    patient = load("hf-shock").patient
    other = changed(patient, {"heart_rate_per_min": 60.0})
    assert other.heart_rate_per_min == 60.0
    assert other.lv_ees_mmHg_mL == patient.lv_ees_mmHg_mL
