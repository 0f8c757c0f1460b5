"""Every code block of the README, run against a real server, prints what it says."""

from __future__ import annotations

import contextlib
import io
import logging
from typing import Any, Dict, Iterator, List, Tuple

import pytest

import juicer

from .server import GOOD_CARD, POOR_CARD, Server, card, session
from .test_vectors import REPOSITORY
from .texts import blocks, steady

README = (REPOSITORY / "sdk/python/README.md").read_text("utf-8")


def run(markdown: str, namespace: Dict[str, Any]) -> List[Tuple[str, str]]:
    """What the python blocks printed, beside the text block behind each."""
    outputs, printed = [], None
    for language, text in blocks(markdown):
        if language == "python":
            assert printed is None, f"a block prints {printed!r} and nothing says so"
            printed = _printed(text, namespace) or None
        elif language == "text" and printed is not None:
            outputs.append((printed, text))
            printed = None
    assert printed is None
    return outputs


def _printed(code: str, namespace: Dict[str, Any]) -> str:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, "README.md", "exec"), namespace)
    return out.getvalue()


@contextlib.contextmanager
def logging_of_its_own() -> Iterator[None]:
    """The README sets up logging as if nobody had; afterwards all is as before."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    root.handlers.clear()
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


def test_every_block_prints_what_it_says(fresh_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JUICER_BASE_URL", fresh_server.url)
    monkeypatch.setenv("JUICER_API_KEY", fresh_server.key)
    namespace: Dict[str, Any] = {"__name__": "readme"}
    with logging_of_its_own():
        outputs = run(README, namespace)
    namespace["client"].close()
    namespace["store"].close()
    assert len(outputs) >= 12
    for got, want in outputs:
        assert steady(got) == steady(want)


def test_the_example_in_front_of_the_repository_works(
    server: Server, reference: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUICER_BASE_URL", server.url)
    monkeypatch.setenv("JUICER_API_KEY", server.key)
    logged: List[str] = []
    shown: Dict[str, Any] = {"log": logged.append}
    run((REPOSITORY / "README.md").read_text("utf-8"), shown)
    with shown["client"] as client:
        answers = []
        for number in (GOOD_CARD, POOR_CARD):
            started = client.payment_sessions.create(session(f"{reference}-{number[-4:]}"))
            answers.append(shown["capture"](started.data["id"], card(client, number)))
        assert answers == ["succeeded", "refused"]
        assert shown["capture"]("no-such-session", {}) == "not_attempted"
    assert "outcome: not_attempted" in logged[0]


def test_a_wrong_text_is_noticed() -> None:
    [(got, want)] = run("```python\nprint(1)\n```\n```text\n2\n```\n", {})
    assert got != want


def test_the_tree_in_the_readme_names_every_error() -> None:
    names = [name for name in juicer.__all__ if isinstance(getattr(juicer, name), type)]
    errors = [name for name in names if issubclass(getattr(juicer, name), juicer.JuicerError)]
    tree = next(text for _, text in blocks(README) if text.startswith("JuicerError\n"))
    assert all(name in tree for name in errors)


def test_every_command_of_the_readme_is_run_by_the_packaging_test() -> None:
    [shell] = [text for language, text in blocks(README) if language == "sh"]
    assert shell.splitlines()[0] == "pip install 'juicer-pay[cards]'"
    assert {language for language, _ in blocks(README)} == {"sh", "python", "text"}
