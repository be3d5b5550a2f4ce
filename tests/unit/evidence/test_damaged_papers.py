"""A damaged transcription is refused with a sentence or audited; it never crashes."""

import copy
import json
import random
import tomllib
from importlib import resources

import pytest
from made_papers import clean

from counterpulse.evidence.audit import audit
from counterpulse.evidence.paper import build
from counterpulse.refusal import RefusalError

WEIRD = [None, "", 0, -1, "abc", [], {}, "12.5", "<0.001", ">0.9", 1e9, True, ["x"], {"zz": 1}, "5", 0.3, "0"]


def whole():
    texts = [(resources.files("counterpulse.evidence") / "papers" / f"{slug}.toml").read_text("utf-8") for slug in ("altshock-2", "bcis-1-2013", "van-t-hof-1999")]
    return [*map(tomllib.loads, texts), clean(1), clean(2)]


def damage(raw, rng):
    for _ in range(rng.randint(1, 3)):
        row = rng.choice(raw[rng.choice([key for key in raw if isinstance(raw[key], list) and raw[key]])])
        if not row:
            continue
        key = rng.choice(list(row))
        if rng.random() < 0.4:
            del row[key]
        elif isinstance(row[key], dict) and row[key] and rng.random() < 0.7:
            row[key][rng.choice(list(row[key]))] = rng.choice(WEIRD)
        else:
            row[key] = rng.choice(WEIRD)


@pytest.mark.parametrize("seed", range(6))
def test_damage_is_refused_or_audited(seed):
    rng, papers, refused = random.Random(seed), whole(), []  # noqa: S311
    for _ in range(20):
        raw = copy.deepcopy(rng.choice(papers))
        damage(raw, rng)
        try:
            json.dumps(audit(build(raw)).as_dict(), allow_nan=False)
        except RefusalError as refusal:
            refused.append(str(refusal))
    assert 0 < len(refused) < 20
    assert [text for text in refused if "\n" in text or not text.endswith(".")] == []
