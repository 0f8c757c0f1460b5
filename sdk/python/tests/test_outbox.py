"""Calls survive a crash, and are done once."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import juicer
from juicer import CallOptions, Outbox

from .server import Server, session
from .virtual import Says, Stage, paid, reset

HERE = Path(__file__).resolve().parents[1]


def test_a_killed_process_leaves_a_call_that_is_resumed_as_one_payment(
    server: Server, reference: str, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "tests.crashing", server.url, server.key, str(tmp_path), reference]
    died = subprocess.run(command, cwd=HERE, env=os.environ, stderr=subprocess.PIPE, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    with server.client(outbox=tmp_path) as client:
        [kept] = Outbox(tmp_path).pending()
        assert kept.key == "order-" + reference and kept.body is not None
        assert client.resume(kept.key).state == "completed"
        [sent] = client.resume_outbox()
        assert sent.key == kept.key and sent.result is not None and sent.result.replayed
        assert Outbox(tmp_path).pending() == []
        assert len(client.payments.list({"references": reference}).data) == 1


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_the_call_is_on_disk_before_the_first_byte_leaves(mode: str, tmp_path: Path) -> None:
    stage = Stage(mode, paid(), outbox=tmp_path)
    on_disk = []
    answer = stage.script.next

    def looking(outgoing: Any) -> Any:
        on_disk.extend(Outbox(tmp_path).pending())
        return answer(outgoing)

    stage.script.next = looking  # type: ignore[method-assign]
    stage.post()
    [kept] = on_disk
    [sent] = stage.script.requests
    assert (kept.method, kept.route, kept.body) == ("POST", "/payment-sessions", sent.body)
    assert Outbox(tmp_path).pending() == []


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_call_whose_fate_is_unknown_stays_and_is_sent_again_as_it_was(mode: str, tmp_path: Path) -> None:
    stage = Stage(mode, *[reset()] * 4, paid(), outbox=tmp_path)
    with pytest.raises(juicer.ConnectionError):
        stage.post(CallOptions(idempotency_key="order-7"))
    [sent] = stage.do(lambda client: client.resume_outbox())
    assert sent.result.succeeded() and sent.error is None
    assert set(stage.script.header("idempotency-key")) == {"order-7"}
    assert len({(request.target, request.body) for request in stage.script.requests}) == 1
    assert Outbox(tmp_path).pending() == []


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_what_fails_again_stays_with_its_error(mode: str, tmp_path: Path) -> None:
    stage = Stage(mode, reset(), outbox=tmp_path)
    with pytest.raises(juicer.ConnectionError):
        stage.post()
    [sent] = stage.do(lambda client: client.resume_outbox())
    assert sent.error is not None and sent.error.outcome == "unknown"
    assert len(Outbox(tmp_path).pending()) == 1


def test_a_refused_call_does_not_stay(tmp_path: Path) -> None:
    stage = Stage("sync", Says(400, {"error": {"code": "invalid_amount"}}), outbox=tmp_path)
    with pytest.raises(juicer.InvalidRequestError):
        stage.post()
    assert Outbox(tmp_path).pending() == []


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_codes_of_the_payer_never_reach_the_disk(mode: str, tmp_path: Path) -> None:
    answer = {"data": {"state": "completed", "outcome": "succeeded"}}
    stage = Stage(mode, *[reset()] * 4, Says(200, answer), outbox=tmp_path)
    with pytest.raises(juicer.ConnectionError):
        stage.do(lambda client: client.payment_sessions.authorize("p1", {"otp": "424242"}))
    text = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"424242" not in text and b"NDI0MjQy" not in text
    [sent] = stage.do(lambda client: client.resume_outbox())
    assert sent.resumed.succeeded() and stage.script.requests[-1].method == "GET"
    assert Outbox(tmp_path).pending() == []


@pytest.mark.parametrize("answer, left", [
    (Says(404), 0), (Says(200, {"data": {"state": "spent", "outcome": "refused"}}), 0),
    (Says(200, {"data": {"state": "completed", "outcome": "pending"}}), 0),
    (Says(200, {"data": {"state": "in_progress", "outcome": "pending"}}), 1),
    (Says(200, {"data": {"state": "interrupted", "outcome": "unknown"}}), 1),
])  # fmt: skip
def test_calls_without_a_body_leave_when_the_server_is_done(answer: Says, left: int, tmp_path: Path) -> None:
    stage = Stage("sync", *[reset()] * 4, answer, outbox=tmp_path)
    with pytest.raises(juicer.ConnectionError):
        stage.client.payment_sessions.authorize("p1", {"pin": "1234"})
    stage.client.resume_outbox()
    assert len(Outbox(tmp_path).pending()) == left


def test_only_the_owner_may_read_it(tmp_path: Path) -> None:
    directory = tmp_path / "outbox"
    stage = Stage("sync", reset(), outbox=directory)
    with pytest.raises(juicer.ConnectionError):
        stage.post()
    [file] = directory.iterdir()
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700 and stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_client_without_an_outbox_says_so() -> None:
    with pytest.raises(ValueError, match="no outbox"):
        Stage("sync", paid()).client.resume_outbox()


def test_resume_tells_free_from_done(server: Server, reference: str) -> None:
    with server.client() as client:
        free = client.resume("never-used-" + reference)
        assert (free.state, free.outcome, free.succeeded()) == ("free", "unknown", False)
        client.payment_sessions.create(session(reference), CallOptions(idempotency_key="used-" + reference))
        resumed = client.resume("used-" + reference)
        assert resumed.state == "completed" and resumed.outcome == "not_attempted"
        assert resumed.resource is not None and resumed.resource["type"] == "payment"
        assert resumed.response is not None and resumed.response["status"] == 201
