"""What goes over the wire: hello, samples, state, beats, marks; every change answered; what is malformed refused."""

import itertools

import numpy as np
import pytest

from counterpulse.refusal import RefusalError
from counterpulse.service.protocol import read_message


def test_a_console_tells_its_channels_and_fields_and_then_samples_without_a_gap(server):
    page = server.page(server.open())
    hello = page.take()
    assert hello["type"] == "hello"
    assert hello["role"] == "steer"
    assert {"ecg1", "art_root", "balloon", "trigger", "inflated", "true_lv", "without_lv_mL"} <= {one["id"] for one in hello["channels"]}
    fields = {(one["field"], one["place"]): one for one in hello["fields"]}
    assert fields["settings.ratio", -1]["value"] == 1
    assert fields["tone.rhythm", -1]["choices"][1] == {"value": 1, "label": "atrial fibrillation"}
    assert ("monitor.seed", -1) not in fields
    page.gather(2.0)
    every = hello["fs_hz"] / hello["draw_hz"]
    for (first, drawn), (second, _) in itertools.pairwise(page.samples):
        assert second == first + drawn.shape[1] * every
        assert drawn.shape[0] == len(hello["channels"])
    assert page.samples[0][1].shape[1] >= 9 * hello["draw_hz"], "a new page sees the last ten seconds at once"
    drawn = np.concatenate([piece for _, piece in page.samples], axis=1)
    by = {one["id"]: drawn[k] for k, one in enumerate(hello["channels"])}
    assert 20 < np.ptp(by["art_root"]) < 150
    assert by["trigger"].sum() >= 15
    assert set(np.unique(by["inflated"])) == {0.0, 1.0}
    types = {message["type"] for message in page.told}
    assert {"state", "beat", "mark"} <= types
    state = next(message for message in page.told if message["type"] == "state")
    assert state["values"]["settings.ratio"] == 1, "the first state tells every value"
    assert 60 < state["numerics"]["map_mmHg"] < 110


def test_a_change_is_told_to_everyone_and_shows_in_the_trace(server):
    console = server.open()
    page, other = server.page(console), server.page(console)
    page.set("settings.ratio", 2)
    for one in (page, other):
        one.until(lambda message: message["type"] == "state" and message["values"].get("settings.ratio") == 2)
    beats = [page.until("beat") for _ in range(8)][2:]
    assert [beat["assisted"] for beat in beats] in ([True, False] * 3, [False, True] * 3)
    drop = [beat["end_diastolic_mmHg"] for beat in beats if beat["assisted"]], [beat["end_diastolic_mmHg"] for beat in beats if not beat["assisted"]]
    assert max(drop[0]) < min(drop[1]), "the balloon's emptying lowers end-diastolic pressure"


@pytest.mark.parametrize(
    ("field", "value", "place", "words"),
    [
        ("settings.ratio", 9, -1, "1 to 3"),
        ("settings.ratio", 1.5, -1, "whole number"),
        ("settings.volume_mL", 45, -1, "holds 40 mL"),
        ("monitor.seed", 4, -1, "may be changed"),
        ("catheter.nominal_mL", 30, -1, "when the balloon is placed"),
        ("monitor.lead_off", 1, 7, "places"),
        ("settings.ratio", 2, 1, "no place"),
        ("nothing.at_all", 1, -1, "RECORD.FIELD"),
    ],
)
def test_a_change_that_is_not_possible_is_refused_and_changes_nothing(console_page, field, value, place, words):
    page, console = console_page
    before = console.source.bed
    kept = {record: getattr(before, record).tobytes() for record in ("settings", "catheter")}
    page.set(field, value, place)
    refused = page.until("refused")
    assert words in refused["sentence"]
    assert refused["of"]["field"] == field
    assert all(getattr(console.source.bed, record).tobytes() == was for record, was in kept.items())


@pytest.fixture(scope="module")
def console_page(warmed):
    from lab_server import Server  # noqa: PLC0415

    server = Server()
    made = server.open()
    page = server.page(made)
    yield page, server.app.state.engine.consoles[made["console"]]
    server.stop()


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"type": "set"}', '{"type": "set", "field": "settings.ratio", "value": NaN}', '{"type": "do", "what": "explode"}', b"bytes", "x" * 5000,
                                  '{"type": "set", "field": "settings.ratio", "value": 2, "more": 1}', '{"type": "do", "what": "speed", "value": 1e9}', "[" * 4000, '{"type": "ack", "sample": "1"}'])
def test_a_malformed_message_is_one_sentence(text):
    with pytest.raises(RefusalError) as refusal:
        read_message(text)
    assert str(refusal.value).endswith(".")
    assert len(str(refusal.value)) < 250
