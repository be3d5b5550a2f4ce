"""Lends these tests the plain heart of the contract tests."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "contracts"))
