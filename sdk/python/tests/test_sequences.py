"""Rows S1 to S7 and S9 to S11 of the table of sequences: the loop on a virtual clock.

Every row runs through the sync and the async client. S8 and S12 to S15 need real sockets:
test_sequences_real.py and test_storm.py.
"""

from __future__ import annotations

from typing import Any

import pytest

import juicer
from juicer import CallOptions, Cancel

from .virtual import Says, Stage, in_use, never_answers, paid, reset

pytestmark = pytest.mark.parametrize("mode", ["sync", "async"])


def failed(stage: Stage, call: Any) -> Any:
    with pytest.raises(juicer.JuicerError) as caught:
        call()
    return caught.value


def test_s1_reset_then_503_then_201(mode: str) -> None:
    stage = Stage(mode, reset(), Says(503, headers={"retry-after": "2"}), paid(), rands=[0.5, 0])
    result = stage.post()
    assert result.succeeded() and stage.clock.ms == 2_280
    assert stage.clock.slept == [250, 2_000]
    assert len(stage.script.requests) == 3
    assert len(set(stage.script.header("idempotency-key"))) == 1
    assert len({sent.body for sent in stage.script.requests}) == 1 and stage.script.requests[0].body
    assert stage.script.header("x-juicer-attempt") == ["1", "2", "3"]
    assert stage.tokens == 486


@pytest.mark.parametrize("rands, done", [([0.5, 0, 0, 0], 34_790), ([], 35_351)], ids=["as the row says", "spread"])
def test_s2_own_key_in_use_is_waited_for(mode: str, rands: "list[float]", done: int) -> None:
    stage = Stage(mode, never_answers(), *[in_use(1_500)] * 3, paid(200), rands=rands)
    result = stage.post()
    assert result.succeeded() and result.replayed
    assert len(stage.script.requests) == 5
    assert [attempt.number for attempt in result.attempts] == [1, 2, 2, 2, 2]
    assert stage.clock.ms == done


def test_s3_429_for_ever(mode: str) -> None:
    stage = Stage(mode, Says(429))
    error = failed(stage, stage.post)
    assert isinstance(error, juicer.RateLimitError)
    assert len(stage.script.requests) == 4 and stage.clock.slept == [500, 1_000, 2_000]
    assert (error.reason, error.outcome) == ("attempts_exhausted", "not_attempted")
    assert error.request_ids == ["req_1", "req_2", "req_3", "req_4"]
    assert stage.tokens == 485


def test_s4_a_429_says_nothing_of_an_answer_that_was_lost(mode: str) -> None:
    stage = Stage(mode, reset(), Says(429))
    error = failed(stage, stage.post)
    assert len(stage.script.requests) == 4
    assert error.status == 429 and error.outcome == "unknown"


def test_s5_a_server_that_never_answers(mode: str) -> None:
    stage = Stage(mode, never_answers())
    error = failed(stage, stage.post)
    assert [sent.timeout_ms for sent in stage.script.requests] == [30_000, 29_750]
    assert stage.script.header("juicer-deadline-ms") == ["29500", "29250"]
    assert stage.clock.ms == 60_000 and error.total_ms == 60_000
    assert isinstance(error, juicer.TimeoutError)
    assert (error.reason, error.cause, error.outcome) == ("deadline", "read_timeout", "unknown")


def test_s6_delete_lost_then_404(mode: str) -> None:
    stage = Stage(mode, reset(), Says(404, {"error": {"code": "not_found"}}))
    error = failed(stage, stage.delete)
    assert isinstance(error, juicer.NotFoundError)
    assert (error.reason, error.outcome) == ("verify_first", "unknown")


def test_s7_cancel_in_a_wait(mode: str) -> None:
    stage = Stage(mode, Says(503, headers={"retry-after": "5"}), rands=[0.0])
    stage.clock.cancel, stage.clock.cancel_at = Cancel(), 110
    error = failed(stage, lambda: stage.post(CallOptions(cancel=stage.clock.cancel)))
    assert isinstance(error, juicer.CancelledError)
    assert (error.reason, error.outcome) == ("cancelled", "unknown")
    assert stage.clock.ms == 110 and len(stage.script.requests) == 1
    assert stage.clock.cancel.listeners == 0 and stage.clock.sleepers == 0


def test_s7_cancel_in_a_request(mode: str) -> None:
    stage = Stage(mode, Says(200, after_ms=5_000))
    stage.clock.cancel, stage.clock.cancel_at = Cancel(), 100
    error = failed(stage, lambda: stage.post(CallOptions(cancel=stage.clock.cancel)))
    assert isinstance(error, juicer.CancelledError)
    assert (error.reason, error.outcome) == ("cancelled", "unknown")
    assert stage.clock.ms == 100 and len(stage.script.requests) == 1
    assert stage.clock.cancel.listeners == 0


def test_s7_cancelled_before_it_began(mode: str) -> None:
    stage = Stage(mode, paid())
    cancel = Cancel()
    cancel.set()
    error = failed(stage, lambda: stage.post(CallOptions(cancel=cancel)))
    assert isinstance(error, juicer.CancelledError) and error.outcome == "not_attempted"
    assert not stage.script.requests


def test_s9_the_callers_own_key_is_kept(mode: str) -> None:
    stage = Stage(mode, reset(), Says(503), paid())
    result = stage.post(CallOptions(idempotency_key="order-7"))
    assert stage.script.header("idempotency-key") == ["order-7"] * 3
    assert result.idempotency_key == "order-7"


@pytest.mark.parametrize("options", [None, CallOptions()], ids=["no options", "empty options"])
def test_s9_without_a_key_one_is_made(mode: str, options: "CallOptions | None") -> None:
    stage = Stage(mode, reset(), Says(503), paid())
    stage.post(options)
    keys = stage.script.header("idempotency-key")
    assert len(keys) == 3 and len(set(keys)) == 1 and len(keys[0]) == 32


@pytest.mark.parametrize("status, requests, left", [(500, 135, 10), (429, 200, 0)])
def test_s10_the_budget_ends_a_storm_of_retries(mode: str, status: int, requests: int, left: int) -> None:
    stage = Stage(mode, Says(status))
    stage.clock.stands = True
    per_call = []
    for _ in range(100):
        before = len(stage.script.requests)
        failed(stage, stage.get)
        per_call.append(len(stage.script.requests) - before)
    assert len(stage.script.requests) == requests and stage.tokens == left
    if status == 500:
        assert per_call == [4] * 11 + [3] + [1] * 88


def test_s11_the_last_retry_is_paid_back(mode: str) -> None:
    stage = Stage(mode, Says(500), Says(500), paid(200))
    assert stage.get().succeeded()
    assert len(stage.script.requests) == 3 and stage.tokens == 486


def test_the_budget_says_it_is_the_clients_own_decision(mode: str) -> None:
    stage = Stage(mode, Says(500, {"error": {"code": "server_error", "message": "Something went wrong on our side."}}))
    stage.clock.stands = True
    for _ in range(20):
        error = failed(stage, stage.get)
    assert error.reason == "budget_exhausted" and isinstance(error, juicer.ServerError)
    assert "by its own decision" in str(error) and "Something went wrong on our side." in str(error)


def test_idle_seconds_fill_the_bucket(mode: str) -> None:
    stage = Stage(mode, Says(429))
    failed(stage, stage.get)
    assert stage.tokens == 485
    stage.clock.ms += 3_900
    failed(stage, stage.get)
    assert stage.tokens == 485 + 3 - 15


def test_a_spread_policy_can_be_given_for_one_call(mode: str) -> None:
    stage = Stage(mode, Says(500))
    error = failed(stage, lambda: stage.get(CallOptions(policy=juicer.Policy(max_attempts=2))))
    assert len(error.attempts) == 2


def test_the_callers_time_shortens_the_deadline(mode: str) -> None:
    stage = Stage(mode, Says(503))
    error = failed(stage, lambda: stage.post(CallOptions(timeout=1.0)))
    assert error.reason == "deadline" and error.status == 503
    assert stage.script.requests[0].timeout_ms == 1_000


@pytest.mark.parametrize("timeout", [1e300, float("inf"), 61.0])
def test_the_callers_time_never_lengthens_it(mode: str, timeout: float) -> None:
    stage = Stage(mode, never_answers())
    failed(stage, lambda: stage.post(CallOptions(timeout=timeout)))
    assert stage.clock.ms == 60_000


def test_no_time_at_all_sends_nothing(mode: str) -> None:
    stage = Stage(mode, paid())
    error = failed(stage, lambda: stage.post(CallOptions(timeout=0)))
    assert isinstance(error, juicer.DeadlineError) and error.outcome == "not_attempted"
    assert not stage.script.requests


def test_a_wait_that_took_too_long_does_not_hide_the_real_error(mode: str) -> None:
    stage = Stage(mode, Says(503, {"error": {"code": "overloaded", "message": "The server is busy."}}))
    stage.clock.oversleeps_ms = 120_000
    error = failed(stage, stage.post)
    assert isinstance(error, juicer.ServerError) and error.code == "overloaded"
    assert (error.reason, error.outcome, len(stage.script.requests)) == ("deadline", "unknown", 1)


def test_a_2xx_that_is_not_json_is_a_lost_answer(mode: str) -> None:
    stage = Stage(mode, Says(200, b"<html>"), paid(200))
    assert stage.post().succeeded() and len(stage.script.requests) == 2


def test_redirects_are_not_followed(mode: str) -> None:
    stage = Stage(mode, Says(307, headers={"location": "http://elsewhere.test/"}))
    error = failed(stage, stage.post)
    assert error.status == 307 and len(stage.script.requests) == 1 and error.outcome == "unknown"
