"""What others may rely on: the JSON of the audit, exit codes, and papers that hold only what is printed."""

import json
import tomllib
from importlib import resources

import pytest

from counterpulse.cli import answer as run
from counterpulse.evidence.audit import audit
from counterpulse.evidence.paper import open_paper, slugs
from counterpulse.evidence.verdict import VERDICTS

SECTIONS = {"paper", "arm", "rules", "count", "summary", "effect", "interaction", "claim"}


@pytest.mark.parametrize("slug", ["altshock-2", "bcis-1-2013", "van-t-hof-1999"])
def test_json_form(slug, capsys):
    code = run(["audit", slug, "--json"])
    out = json.loads(capsys.readouterr().out, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))
    assert set(out) >= {"items", "counts", "findings"}
    assert set(out["counts"]) == set(VERDICTS)
    assert sum(out["counts"].values()) == len(out["items"])
    assert all(set(item) >= {"id", "printed", "recomputed", "verdict", "test"} and item["verdict"] in VERDICTS for item in out["items"])
    assert all(set(finding) == {"id", "kind", "sentence", "arithmetic"} for finding in out["findings"])
    assert len({item["id"] for item in out["items"]}) == len(out["items"])
    assert code == (1 if slug == "altshock-2" else 0)


def test_text_form(capsys):
    assert run(["audit", "altshock-2"]) == 1
    out = capsys.readouterr().out
    assert "[not_reproducible] text.bridged" in out
    assert "Research and education only" in out


def test_an_unknown_paper_is_one_sentence(capsys):
    assert run(["audit", "no-such-paper"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "altshock-2" in error


def test_a_file_is_read_like_a_slug(tmp_path, capsys):
    text = (resources.files("counterpulse.evidence") / "papers" / "bcis-1-2013.toml").read_text("utf-8")
    (tmp_path / "PAPER.toml").write_text(text, "utf-8")
    assert run(["audit", str(tmp_path / "PAPER.toml"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["paper"]["id"] == "bcis-1-2013"


@pytest.mark.parametrize("slug", slugs())
def test_papers_hold_no_verdicts(slug):
    text = (resources.files("counterpulse.evidence") / "papers" / f"{slug}.toml").read_text("utf-8")
    assert set(tomllib.loads(text)) <= SECTIONS
    for word in ("verdict", "wrong", "error", "inconsisten", "reproduc", "should be", "typo", "mistake", "discrepan", "finding"):
        assert word not in text.lower()


def test_checks_know_no_paper():
    folder = resources.files("counterpulse.evidence")
    files = [item for item in (folder / "checks").iterdir() if item.name.endswith(".py")] + [folder / "audit.py", folder / "paper.py"]
    for item in files:
        text = item.read_text("utf-8").lower()
        assert not [word for word in ("altshock", "bcis", "hof", "iabp", "101", "787") if word in text], item.name


def test_same_paper_same_audit():
    assert audit(open_paper("altshock-2")).as_dict() == audit(open_paper("altshock-2")).as_dict()
