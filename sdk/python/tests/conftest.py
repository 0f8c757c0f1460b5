"""Real servers for the tests, and a virtual world where the server is a script."""

from __future__ import annotations

import itertools
import os
import random
from typing import Generator, Iterator

import pytest

from .server import Server

REFERENCES = itertools.count(1)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that does not run is no test."""
    report = yield
    if report.skipped:
        report.outcome, report.longrepr = "failed", f"this test did not run: {report.longrepr}"
        vars(report).pop("wasxfail", None)  # such reports do not count as failed
    return report


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """One server for all tests that do not change it for others."""
    with Server.started() as running:
        yield running


@pytest.fixture
def fresh_server() -> Iterator[Server]:
    """A server of its own."""
    with Server.started() as running:
        yield running


@pytest.fixture
def reference(request: pytest.FixtureRequest) -> str:
    """A reference that no other test uses."""
    return f"t{os.getpid()}-{next(REFERENCES)}-{random.randrange(10**6)}"
