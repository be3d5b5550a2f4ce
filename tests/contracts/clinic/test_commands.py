"""The clinic's commands: the contract's keys, exit codes, one sentence for bad input, nothing but JSON under --json."""

import io
import json

import polars as pl
import pytest

from counterpulse.cli import answer

SEVEN = ["verdict", "rule", "missing", "best", "worst", "sources", "notes"]
BED = {"sbp_mmHg": 85, "map_mmHg": 60, "lactate_mmol_L": 3.0, "alt_U_L": 30, "drugs": 0, "devices": 0}


@pytest.fixture
def say(capsys, monkeypatch):
    def call(*arguments, stdin=None):
        if stdin is not None:
            monkeypatch.setattr("sys.stdin", io.StringIO(stdin if isinstance(stdin, str) else json.dumps(stdin)))
        code = answer([str(argument) for argument in arguments])
        out = capsys.readouterr()
        return code, out.out, out.err

    return call


@pytest.mark.parametrize("arguments", [("stage",), ("stage", "--scheme", "scai-2019"), ("goals",), ("eligible",), ("eligible", "--protocol", "altshock-2"), ("score", "sofa"), ("score", "vis"),
                                       ("score", "haemodynamics"), ("score", "kdigo")])
def test_the_seven_keys_and_nothing_else_on_standard_output(say, arguments):
    code, out, err = say(*arguments, "--json", stdin=BED)
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert list(found)[:7] == SEVEN
    assert "NaN" not in out
    assert "Infinity" not in out
    assert found["sources"]


def test_staging_verdict_is_the_bare_letter_from_a_file_too(say, tmp_path):
    file = tmp_path / "bed.json"
    file.write_text(json.dumps(BED), "utf-8")
    assert json.loads(say("stage", file, "--json")[1])["verdict"] == "C"
    assert say("stage", file)[1].startswith("C  (C-both)")


def test_a_list_of_patients_gives_results(say):
    code, out, _ = say("stage", "--json", stdin=[BED, BED | {"sbp_mmHg": 58}])
    assert code == 0
    assert [one["verdict"] for one in json.loads(out)["results"]] == ["C", "E"]


def test_a_boundary_is_replaced_from_the_command_line(say):
    assert json.loads(say("stage", "--set", "low_sbp=80", "--set", "low_map=55", "--json", stdin=BED)[1])["verdict"] == "B"


@pytest.mark.parametrize(
    ("arguments", "stdin", "words"),
    [
        (("stage",), "not json", "JSON"), (("stage",), "[1]", "object"), (("stage",), {"sbp_mmHg": 900}, "plausible"), (("stage", "--scheme", "x"), BED, "cswg-2022"),
        (("stage", "--set", "foo=1"), BED, "foo"), (("stage", "--set", "foo"), BED, "NAME=VALUE"), (("stage", "no-such-file.json"), None, "no-such-file.json"),
        (("eligible", "--protocol", "x"), BED, "altshock-2"), (("goals", "--formula", "x"), BED, "vis"), (("score", "nope"), BED, "nope"), (("ask", ""), None, "question"),
        (("ask", "why", "--audience", "king"), None, "king"), (("judge", "none.parquet", "out.parquet"), None, "none.parquet"), (("bedside", "--out", "o.toml"), {"age": 3}, "measured"),
        (("stage",), '{"sbp_mmHg": NaN}', "nan"), (("stage", "--set", "low_sbp=abc"), BED, "abc"),
    ],
)
def test_bad_input_is_one_sentence_and_code_2(say, arguments, stdin, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, err = say(*arguments, stdin=stdin)
    assert (code, out) == (2, "")
    assert words.lower() in err.lower()
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_ask_cites_and_refuses(say):
    code, out, _ = say("ask", "can it be used with aortic regurgitation?", "--json")
    found = json.loads(out)
    assert code == 0
    assert list(found)[:7] == SEVEN
    assert found["rule"] == "contra-aortic-regurgitation"
    assert found["statements"][0]["status"] == "submitted"
    refused = json.loads(say("ask", "What is the weather in Milan tomorrow?", "--json")[1])
    assert (refused["verdict"], refused["answer"], refused["sources"]) == ("no statement covers this", "No statement covers this.", [])
    follow = json.loads(say("ask", "and if it is mild?", "--before", "IABP in severe AR?", "--json")[1])
    assert follow["rule"] == "contra-aortic-regurgitation"


def test_bedside_writes_the_contracts_form(say, tmp_path):
    import tomllib  # noqa: PLC0415

    out = tmp_path / "OBSERVATIONS.toml"
    code, _, _ = say("bedside", "--out", out, stdin={**BED, "svo2": 0.6, "height": 175, "weight": 78, "age": 60, "sex": "male", "co": 3.7, "dbp": 50})
    assert code == 0
    found = tomllib.loads(out.read_text("utf-8"))
    assert found["patient"] == {"height_cm": 175, "weight_kg": 78, "age_years": 60, "sex": "male"}
    assert all(set(item) == {"name", "value", "unit", "sd", "source"} for item in found["observed"])
    assert {item["name"] for item in found["observed"]} == {"sbp_mmHg", "dbp_mmHg", "map_mmHg", "co_L_min", "svo2"}


def test_judge_reads_and_writes_parquet(say, tmp_path):
    pl.DataFrame({"participant": ["x", "y"], "sbp_mmHg": [85.0, 120.0], "lactate_mmol_L": [3.0, None]}).write_parquet(tmp_path / "in.parquet")
    assert say("judge", tmp_path / "in.parquet", tmp_path / "out.parquet")[0] == 0
    found = pl.read_parquet(tmp_path / "out.parquet")
    assert found["stage"].to_list() == ["C", "A"]
    assert {"goals", "eligible", "escalation_mandatory", "stage_worst"} <= set(found.columns)


def test_published_stages_names_the_contradictions(say):
    code, out, _ = say("published-stages")
    assert code == 0
    assert "Contradictions" in out
    assert json.loads(say("published-stages", "--json")[1])["arms"][0]["n"] == 101
