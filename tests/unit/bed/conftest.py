"""Tests assert what the scripts in benchmarks/ print: both import the same plans and measures."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "benchmarks"))
sys.path.append(str(Path(__file__).resolve().parents[2] / "contracts"))  # the plain heart
