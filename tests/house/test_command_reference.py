"""Every command is documented and says what it and its options do; asking for help loads nothing heavy."""

import importlib.util
import subprocess
import sys

import pytest
from house_sources import ROOT

SPEC = importlib.util.spec_from_file_location("generated_reference", ROOT / "docs" / "_ext" / "generated_reference.py")
reference = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(reference)

COMMANDS = {" ".join(path): app for path, app in reference.commands(reference.build())}
HEAVY = ("numba", "numpy", "scipy", "matplotlib", "polars", "plotly", "pandas", "great_tables", "wfdb")


def test_there_are_commands():
    assert {"run", "presets", "replay"} <= set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_stands_in_the_reference_and_says_what_it_does(name):
    page = reference.command_page()
    assert f"## counterpulse {name}\n" in page
    assert COMMANDS[name].help.strip(), f"counterpulse {name} has no help"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_argument_says_what_it_is(name):
    app = COMMANDS[name]
    if app.default_command is None:
        return
    silent = [argument.name for argument in app.assemble_argument_collection() if argument.show and not argument.children and not argument.parameter.help]
    assert not silent, f"counterpulse {name}: no help for {silent}"


def test_help_loads_nothing_heavy():
    program = f"import sys; from counterpulse.cli import answer; code = answer(['--help']); print([m for m in {HEAVY} if m in sys.modules], file=sys.stderr); sys.exit(code)"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    assert answer.stderr == "[]\n"


def test_the_nomenclature_holds_every_quantity_once():
    page = reference.nomenclature_page()
    for kind in reference.records():
        assert page.count(f"## {kind.__module__.removeprefix('counterpulse.')}.{kind.__name__}\n") == 1
    assert "| `blood_volume_mL` | mL | 1500 to 12000 | all blood |" in page
