"""The wheel, in an environment where nothing else is: installed, type-checked, run."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Iterator, List

import pytest

from .server import Server, environment
from .test_vectors import REPOSITORY

SDK = REPOSITORY / "sdk/python"
CONSUMER = '''
import asyncio
import juicer
from juicer import models


def status(client: juicer.Client, reference: str) -> str:
    payment: models.Payment = client.payments.get(reference).data
    return payment["status"]


def total(page: juicer.Page[models.Payment]) -> int:
    return sum(payment["amount"] for payment in page.data)


async def statuses() -> list[str]:
    async with juicer.AsyncClient() as client:
        return [payment["status"] async for payment in client.payments.list_all()]


def main() -> None:
    with juicer.Client() as client:
        try:
            print(status(client, "no-such-order"))
        except juicer.NotFoundError as error:
            print(error.code, error.outcome)
        print(total(client.payments.list()), asyncio.run(statuses()))
        try:
            client.cards.encrypt(number="4012000033330026", cvv="100", expiry_month=1, expiry_year=2039)
        except ImportError as missing:
            print(missing)
        try:
            from juicer import otel

            print(otel)
        except ImportError as missing:
            print(missing)


main()
'''
WRONG = '''
import juicer

def wrong(client: juicer.Client) -> int:
    return client.payments.get("ord_1").data["status"]
'''


def run(*command: str, cwd: Path, **settings: str) -> str:
    ran = subprocess.run(command, cwd=cwd, env={**_clean(), **settings}, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def _clean() -> "dict[str, str]":
    return {name: value for name, value in environment().items() if name not in ("PYTHONPATH", "MYPYPATH")}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that nothing is left in the source."""
    source = tmp_path_factory.mktemp("source")
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(SDK / name, source)
    shutil.copytree(SDK / "src", source / "src", ignore=shutil.ignore_patterns("*.egg-info", "__pycache__"))
    run(sys.executable, "-m", "build", "--no-isolation", "--sdist", "--wheel", cwd=source)
    [sdist] = (source / "dist").glob("*.tar.gz")
    assert sdist.name.startswith("juicer_pay-")
    [built] = (source / "dist").glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An environment with the wheel and what it needs."""
    place = tmp_path_factory.mktemp("empty")
    run(sys.executable, "-m", "venv", str(place / "venv"), cwd=place)
    run(str(place / "venv/bin/python"), "-m", "pip", "install", "--quiet", str(wheel), cwd=place)
    yield place


def test_the_wheel_holds_the_package_alone(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        [metadata] = [archive.read(name).decode() for name in names if name.endswith(".dist-info/METADATA")]
    roots = {name.split("/")[0] for name in names}
    assert roots == {"juicer", "juicer_pay-0.3.0.dist-info"} and "juicer/py.typed" in names
    needs = [line for line in metadata.splitlines() if line.startswith("Requires-Dist") and "extra ==" not in line]
    assert needs == ["Requires-Dist: httpx<1,>=0.27"]
    assert "Requires-Python: >=3.10" in metadata and "# juicer-pay" in metadata


def test_a_strict_program_is_checked_and_runs(installed: Path, server: Server) -> None:
    program, python = installed / "consumer.py", installed / "venv/bin/python"
    program.write_text(CONSUMER, "utf-8")
    assert "Success" in check(installed, program)
    out = run(str(python), "-W", "error", str(program), cwd=installed, JUICER_BASE_URL=server.url, JUICER_API_KEY=server.key)
    lines = out.splitlines()
    assert lines[0] == "not_found None"
    assert "pip install 'juicer-pay[cards]'" in lines[2] and "pip install 'juicer-pay[otel]'" in lines[3]


def test_a_program_with_a_wrong_type_is_noticed(installed: Path) -> None:
    program = installed / "wrong.py"
    program.write_text(WRONG, "utf-8")
    with pytest.raises(AssertionError, match="Incompatible return value type"):
        check(installed, program)


def check(place: Path, program: Path) -> str:
    """mypy --strict, seeing only what is installed there."""
    command: List[str] = [sys.executable, "-m", "mypy", "--strict", "--python-executable", str(place / "venv/bin/python")]
    return run(*command, "--cache-dir", str(place / "cache"), str(program), cwd=place)


def test_the_installed_version_is_the_sources(installed: Path) -> None:
    code = "import juicer, importlib.metadata as m; print(juicer.__version__ == m.version('juicer-pay'), juicer.__version__)"
    assert run(str(installed / "venv/bin/python"), "-c", code, cwd=installed).strip() == "True 0.3.0"
