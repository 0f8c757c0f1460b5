"""What keeps the other tests honest."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .test_vectors import REPOSITORY

PLANTED = """
import pytest

def test_that_is_skipped():
    pytest.skip("some other day")

@pytest.mark.xfail
def test_that_is_expected_to_fail():
    assert False

def test_that_holds():
    pass
"""


@pytest.mark.parametrize("name, code", [("skipped", 1), ("expected_to_fail", 1), ("holds", 0)])
def test_a_test_that_does_not_run_fails(tmp_path: Path, name: str, code: int) -> None:
    planted = tmp_path / "test_planted.py"
    planted.write_text(PLANTED, "utf-8")
    run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.conftest", "-k", name, str(planted)]
    assert subprocess.run(run, cwd=REPOSITORY / "sdk/python", capture_output=True).returncode == code
