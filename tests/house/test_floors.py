"""The import contracts of pyproject.toml watch every room that exists. The contracts themselves are run by `make check` and here."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from house_sources import PACKAGE, ROOT

CONTRACTS = {c["name"]: c for c in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]}
TRIAL_WING = {"clinic", "trial", "stats", "store", "evidence"}
SIMULATOR_WING = {"body", "pump", "bed", "cohort", "recordings"}


def existing(rooms):
    return {f"counterpulse.{room}" for room in rooms if (PACKAGE / room / "__init__.py").is_file()}


def test_the_contracts_are_kept():
    run = subprocess.run([Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


def test_the_wings_are_watched_whole():
    contract = CONTRACTS["clinic and trial never import the simulator"]
    assert existing(TRIAL_WING) <= set(contract["source_modules"]), "add the new room to the contract in pyproject.toml"
    assert existing(SIMULATOR_WING) <= set(contract["forbidden_modules"])


def test_the_floors_are_exhaustive():
    assert CONTRACTS["imports go down only"]["exhaustive"] is True


@pytest.mark.parametrize(("contract", "line", "file"), [
    ("only kernel.py and compiler.py know numba", "import numba", "pump/peek.py"),
    ("the controller never meets the patient", "import counterpulse.body", "pump/peek.py"),
    ("imports go down only", "import counterpulse.bed", "signals/peek.py"),
    ("clinic and trial never import the simulator", "import counterpulse.body", "clinic/peek.py"),
    ("imports go down only", "", "attic.py"),
])  # fmt: skip
def test_a_breach_is_found(contract, line, file, tmp_path):
    """A copy of the house with one forbidden import (or one module on no floor) fails that contract."""
    for source in PACKAGE.rglob("*.py"):
        copy = tmp_path / "counterpulse" / source.relative_to(PACKAGE)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "counterpulse" / file).write_text(line + "\n")
    program = "import sys; sys.path.insert(0, sys.argv[1]); from importlinter.cli import lint_imports; sys.exit(lint_imports(config_filename=sys.argv[2], no_cache=True))"
    run = subprocess.run([sys.executable, "-c", program, tmp_path, ROOT / "pyproject.toml"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 1, run.stdout + run.stderr
    assert f"{contract} BROKEN" in run.stdout
