"""`counterpulse qualify` recomputes every function against R's numbers and can be filed."""

import json

import pytest

from counterpulse.cli import qualify as command
from counterpulse.refusal import RefusalError
from counterpulse.stats import qualification
from counterpulse.stats.recomputed import RECOMPUTED


@pytest.fixture(scope="module")
def lines():
    return qualification.qualify()


def test_every_function_lies_within_the_goal_of_r(lines):
    failed = {line.function: (line.largest, line.worst_set, line.refused) for line in lines if not line.passed}
    assert not failed


def test_every_function_is_compared_on_most_of_its_sets(lines):
    assert {line.function for line in lines} == set(RECOMPUTED)
    assert all(line.numbers >= line.sets > line.skipped for line in lines if not line.function.startswith("hodges_lehmann"))
    assert sum(line.numbers for line in lines) > 80_000


def test_every_reference_names_its_package_version_and_call():
    for reference in qualification.load().values():
        assert reference["package"]
        assert reference["version"]
        assert len(reference["call"]) > 15


def test_no_reference_file_reaches_a_megabyte():
    assert all(path.stat().st_size < 1_000_000 for path in qualification.FOLDER.glob("*.json"))


def test_a_wrong_reference_fails_the_command(tmp_path, capsys, monkeypatch):
    for name in qualification.FILES:
        text = (qualification.FOLDER / name).read_text()
        (tmp_path / name).write_text(text)
    broken = json.loads((tmp_path / "counts.json").read_text())
    broken["functions"]["chi_square"]["values"][7][0] *= 1 + 1e-7
    (tmp_path / "counts.json").write_text(json.dumps(broken))
    line = qualification.compare("chi_square", qualification.load(tmp_path)["chi_square"])
    assert not line.passed
    assert line.worst_set == 7


def test_a_missing_reference_file_is_refused(tmp_path):
    with pytest.raises(RefusalError, match=r"counts\.json cannot be read"):
        qualification.load(tmp_path)


def test_a_number_on_one_side_only_never_passes():
    assert qualification.difference(None, 1.0) == float("inf")
    assert qualification.difference(1.0, None) == float("inf")
    assert qualification.difference(None, None) == 0


def test_the_command_prints_one_object_and_files_a_report(tmp_path, capsys, monkeypatch, lines):
    monkeypatch.setattr(qualification, "qualify", lambda: lines)
    assert command.qualify(as_json=True, report=tmp_path / "filed") == 0
    record = json.loads(capsys.readouterr().out)
    assert record["passed"]
    assert set(record["made"]["packages"]) == {"numpy", "scipy", "numba"}
    assert len(record["made"]["references_sha256"]) == len(qualification.FILES)
    page = (tmp_path / "filed" / "report.html").read_text()
    assert "not a medical device" in page
    assert record["made"]["sources_sha256"]["cox.py"] in page
