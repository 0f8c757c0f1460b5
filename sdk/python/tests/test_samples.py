"""The samples, run as programs against a real server with faults on."""

from __future__ import annotations

import subprocess
import sys

import pytest

from .server import Server, environment
from .test_vectors import REPOSITORY
from .texts import steady

SDK = REPOSITORY / "sdk/python"


@pytest.mark.parametrize("name", ["quickstart", "errors"])
def test_a_sample_prints_what_it_should(name: str, fresh_server: Server) -> None:
    settings = {**environment(), "JUICER_BASE_URL": fresh_server.url, "JUICER_API_KEY": fresh_server.key}
    command = [sys.executable, "-W", "error", str(SDK / "samples" / f"{name}.py")]
    ran = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
    assert ran.returncode == 0 and ran.stderr == "", ran.stderr
    assert steady(ran.stdout) == (SDK / "tests/golden" / f"{name}.txt").read_text("utf-8")
