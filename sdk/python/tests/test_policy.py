"""Rules of the policy that the vectors do not reach."""

from __future__ import annotations

import dataclasses
from typing import Any, Optional

import pytest

from juicer.envelope import Envelope, FieldError, Refusal
from juicer.policy import LOST, UNSENT_FOR_GOOD, UNSENT_FOR_NOW, Call, Policy, Reply, attempt_timeout, decide, loses_answer


def judged(reply: Reply, call: Call = Call("POST", True, 1), policy: Policy = Policy(), tokens: int = 500) -> Any:
    return decide(policy, call, reply, 0, 0.5, tokens)


def refusal(status: int, code: str = "x", **members: Any) -> Reply:
    return Reply(status, {}, Envelope(code, **members))


def test_the_defaults_are_those_of_the_table() -> None:
    policy = Policy()
    assert (policy.max_attempts, policy.max_waits) == (4, 10)
    assert (policy.transient_base_ms, policy.throttle_base_ms, policy.cap_ms) == (500, 1_000, 8_000)
    assert (policy.server_wait_limit_ms, policy.spread_ms, policy.deadline_ms) == (60_000, 1_000, 60_000)
    assert (policy.write_timeout_ms, policy.read_timeout_ms, policy.min_attempt_ms) == (30_000, 10_000, 500)
    assert (policy.bucket, policy.transient_cost, policy.throttle_cost) == (500, 14, 5)
    assert (policy.success_gain, policy.idle_gain_per_s, policy.trust_keys) == (1, 1, None)


@pytest.mark.parametrize("status", [200, 201, 204, 299, 304])
def test_what_is_ok(status: int) -> None:
    assert judged(Reply(status)).action == "ok"


@pytest.mark.parametrize("status", [199, 300, 301, 302, 303, 305, 307, 308, 410, 413, 417, 501, 505])
def test_what_is_never_sent_again(status: int) -> None:
    assert judged(Reply(status)).reason == "not_retryable"


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_what_passes(status: int) -> None:
    assert judged(Reply(status)).reason == "transient"


@pytest.mark.parametrize("event", sorted(UNSENT_FOR_NOW | LOST))
def test_events_that_pass(event: str) -> None:
    assert judged(Reply(event=event)).reason == "transient"


@pytest.mark.parametrize("event", sorted(UNSENT_FOR_GOOD | {"something_new"}))
def test_events_that_do_not(event: str) -> None:
    verdict = judged(Reply(event=event))
    assert verdict.reason == "not_retryable"
    assert verdict.outcome == ("not_attempted" if event in UNSENT_FOR_GOOD else "unknown")


@pytest.mark.parametrize("event", sorted(UNSENT_FOR_NOW))
def test_what_never_left_may_go_without_a_key(event: str) -> None:
    assert judged(Reply(event=event), Call("POST", False, 1)).action == "retry"
    last = judged(Reply(event=event), Call("POST", False, 4))
    assert (last.reason, last.outcome) == ("attempts_exhausted", "not_attempted")


@pytest.mark.parametrize("event", sorted(LOST))
def test_what_may_have_arrived_needs_a_key(event: str) -> None:
    verdict = judged(Reply(event=event), Call("POST", False, 1))
    assert (verdict.reason, verdict.outcome) == ("unknown_outcome", "unknown")


def test_a_cut_body_counts_before_its_status() -> None:
    assert judged(Reply(200, event="truncated_body")).reason == "transient"
    assert judged(Reply(400, event="truncated_body")).reason == "transient"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"])
def test_methods_that_may_be_repeated(method: str) -> None:
    assert judged(Reply(500), Call(method, False, 1)).action == "retry"


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_methods_that_need_a_key(method: str) -> None:
    assert judged(Reply(500), Call(method, False, 1)).reason == "unknown_outcome"
    assert judged(Reply(500), Call(method, True, 1)).action == "retry"


@pytest.mark.parametrize("outcome, action", [("not_attempted", "retry"), ("refused", "stop"), (None, "stop")])
def test_refused_before_work_may_go_without_a_key(outcome: Optional[str], action: str) -> None:
    assert judged(refusal(503, outcome=outcome), Call("POST", False, 1)).action == action


def test_a_key_in_use_is_waited_for_without_a_key_as_well() -> None:
    assert judged(refusal(409, "idempotency_key_in_use"), Call("POST", False, 1)).reason == "in_progress"


def test_in_use_is_a_409_only() -> None:
    assert judged(refusal(422, "idempotency_key_in_use")).reason == "not_retryable"


@pytest.mark.parametrize(
    "members, reason",
    [
        ({"retry_allowed": False}, "server_said_no"),
        ({"retry_allowed": False, "retry_with": "new_key"}, "server_said_no"),
        ({"retry_with": "new_key"}, "new_key_needed"),
        ({"retry_allowed": True, "retry_with": "after_verify"}, "verify_first"),
        ({"retry_allowed": True, "retry_with": "same_key"}, "throttle"),
        ({"retry_with": "prayer"}, "throttle"),
    ],
)
def test_hints_come_before_the_status(members: Any, reason: str) -> None:
    assert judged(refusal(429, **members)).reason == reason


def test_in_use_comes_before_the_hints() -> None:
    assert judged(refusal(409, "idempotency_key_in_use", retry_allowed=False)).reason == "in_progress"


@pytest.mark.parametrize("status", [400, 409, 418, 600])
def test_a_hint_opens_other_statuses(status: int) -> None:
    assert judged(refusal(status, retry_allowed=True)).reason == "transient"


def test_a_body_that_cannot_be_sent_again_ends_the_call() -> None:
    verdict = judged(Reply(503), Call("POST", True, 1, replayable=False))
    assert (verdict.action, verdict.reason) == ("stop", "body_not_replayable")
    assert judged(Reply(503), Call("POST", False, 1, replayable=False)).reason == "unknown_outcome"


def test_limits_are_asked_in_order() -> None:
    long_wait = Reply(503, {"retry-after": "61"})
    late = Call("POST", True, 1, elapsed_ms=59_900)
    assert judged(long_wait, Call("POST", True, 4)).reason == "attempts_exhausted"
    too_long = judged(long_wait, late, tokens=0)
    assert (too_long.reason, too_long.retry_after_ms) == ("retry_after_too_long", 61_000)
    assert judged(Reply(503), late, tokens=0).reason == "deadline"
    assert judged(Reply(503), tokens=13).reason == "budget_exhausted"
    assert judged(Reply(503), tokens=14).tokens == 0
    assert judged(Reply(429), tokens=4).reason == "budget_exhausted"
    assert judged(Reply(429), tokens=5).tokens == 0


def test_the_longest_wait_allowed_is_waited() -> None:
    patient = Policy(deadline_ms=10**6)
    assert decide(patient, Call("POST", True, 1), Reply(503, {"retry-after": "60"}), 0, 0.0, 500).delay_ms == 60_000


@pytest.mark.parametrize("waits, attempt, action", [(9, 4, "retry"), (10, 1, "stop")])
def test_waits_are_counted_apart(waits: int, attempt: int, action: str) -> None:
    assert judged(refusal(409, "idempotency_key_in_use"), Call("POST", True, attempt, waits)).action == action
    assert judged(Reply(503), Call("POST", True, 3, 10)).action == "retry"


@pytest.mark.parametrize(
    "wait_s, rand, delay", [(1, 0.5, 1_125), (2, 0.5, 2_250), (4, 0.5, 4_500), (8, 0.5, 8_500), (8, 0.999, 8_999)]
)
def test_the_servers_wait_is_spread_upwards(wait_s: int, rand: float, delay: int) -> None:
    assert decide(Policy(), Call("POST", True, 1), Reply(503, {"retry-after": str(wait_s)}), 0, rand, 500).delay_ms == delay


@pytest.mark.parametrize("attempt, delay", [(1, 250), (2, 500), (3, 1_000), (4, 2_000), (5, 4_000), (6, 4_000), (10**6, 4_000)])
def test_backoff_doubles_up_to_the_cap(attempt: int, delay: int) -> None:
    assert judged(Reply(503), Call("POST", True, attempt), Policy(max_attempts=10**7)).delay_ms == delay


@pytest.mark.parametrize("attempt, delay", [(62, 1 << 61), (63, 1 << 62), (64, 1 << 62)])
def test_doublings_end_somewhere(attempt: int, delay: int) -> None:
    vast = Policy(max_attempts=100, transient_base_ms=2, cap_ms=1 << 80, deadline_ms=1 << 80)
    assert judged(Reply(503), Call("POST", True, attempt), vast).delay_ms == delay


@pytest.mark.parametrize("waits, delay", [(0, 500), (1, 1_000), (2, 2_000), (3, 4_000), (9, 4_000)])
def test_waits_double_as_well(waits: int, delay: int) -> None:
    assert judged(refusal(409, "idempotency_key_in_use"), Call("POST", True, 3, waits)).delay_ms == delay


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reads_have_no_outcome(method: str) -> None:
    for reply in (Reply(404), Reply(event="dns_not_found"), refusal(400, outcome="refused")):
        assert judged(reply, Call(method, False, 1)).outcome is None


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST"])
def test_writes_have_one(method: str) -> None:
    assert judged(Reply(404), Call(method, True, 1)).outcome == "not_attempted"


@pytest.mark.parametrize(
    "status, with_envelope, without",
    [
        (400, "refused", "unknown"), (401, "not_attempted", "not_attempted"), (402, "refused", "unknown"),
        (403, "refused", "unknown"), (404, "not_attempted", "not_attempted"), (405, "not_attempted", "not_attempted"),
        (406, "refused", "unknown"), (409, "refused", "unknown"), (410, "refused", "unknown"),
        (413, "not_attempted", "not_attempted"), (415, "not_attempted", "not_attempted"), (422, "refused", "unknown"),
        (499, "refused", "unknown"), (399, "unknown", "unknown"), (501, "unknown", "unknown"),
    ],
)  # fmt: skip
def test_outcomes_by_status(status: int, with_envelope: str, without: str) -> None:
    assert judged(refusal(status)).outcome == with_envelope
    assert judged(Reply(status)).outcome == without


@pytest.mark.parametrize("status, outcome", [(429, "not_attempted"), (408, "unknown"), (500, "unknown")])
def test_outcomes_of_what_was_tried_to_the_end(status: int, outcome: str) -> None:
    assert judged(refusal(status), Call("POST", True, 4)).outcome == outcome


@pytest.mark.parametrize("outcome", ["not_attempted", "refused", "pending", "unknown", "succeeded"])
def test_an_outcome_that_the_server_names_wins(outcome: str) -> None:
    assert judged(refusal(400, outcome=outcome)).outcome == outcome
    assert judged(refusal(401, outcome=outcome)).outcome == outcome


def test_an_outcome_of_other_words_does_not() -> None:
    assert judged(refusal(400, outcome="maybe")).outcome == "refused"


@pytest.mark.parametrize("status, ends", [(400, True), (403, True), (409, True), (422, True), (401, False), (404, False), (410, False), (501, False)])
def test_what_ends_a_lost_answer(status: int, ends: bool) -> None:
    lost = Call("POST", True, 2, lost_before=True)
    assert judged(refusal(status, outcome="refused"), lost).outcome == ("refused" if ends else "unknown")
    assert judged(Reply(status), lost).outcome == "unknown"


def test_keys_that_are_not_trusted_end_nothing() -> None:
    lost = Call("POST", True, 2, lost_before=True)
    doubtful = Policy(trust_keys=False)
    assert judged(refusal(400, outcome="refused"), lost, doubtful).outcome == "unknown"
    assert judged(refusal(400, outcome="refused"), Call("POST", True, 2), doubtful).outcome == "refused"


@pytest.mark.parametrize("trusted", [True, None])
def test_other_keys_are_trusted(trusted: Optional[bool]) -> None:
    lost = Call("POST", True, 2, lost_before=True)
    assert judged(refusal(400, outcome="refused"), lost, Policy(trust_keys=trusted)).outcome == "refused"


def test_ones_own_first_attempt_may_be_what_exists() -> None:
    lost = Call("POST", True, 2, lost_before=True)
    assert judged(refusal(400, "reference_exists"), lost)[2:4] == ("verify_first", None)
    assert judged(refusal(400, "reference_exists")).reason == "not_retryable"
    assert judged(Reply(404), lost).reason == "not_retryable"
    assert judged(Reply(404), lost._replace(method="DELETE")).reason == "verify_first"
    assert judged(Reply(410), lost._replace(method="DELETE")).reason == "not_retryable"
    assert judged(Reply(404), Call("DELETE", True, 2)).reason == "not_retryable"


@pytest.mark.parametrize(
    "reply, lost",
    [
        (Reply(event="reset"), True),
        (Reply(event="something_new"), True),
        (Reply(event="connect_refused"), False),
        (Reply(event="tls_certificate"), False),
        (Reply(408), True),
        (Reply(500), True),
        (Reply(501), True),
        (Reply(499), False),
        (Reply(429), False),
        (refusal(500, outcome="not_attempted"), False),
        (refusal(500, outcome="refused"), False),
        (refusal(500, outcome="unknown"), True),
        (refusal(503, outcome="pending"), True),
        (refusal(409, outcome="pending"), True),
        (refusal(400, outcome="refused"), False),
        (refusal(409, "idempotency_key_in_use"), True),
        (refusal(409), False),
    ],
)
def test_what_counts_as_lost(reply: Reply, lost: bool) -> None:
    assert loses_answer(reply) is lost


def test_a_cancel_comes_first() -> None:
    for reply in (Reply(200), Reply(503), Reply(event="reset")):
        assert judged(reply, Call("POST", True, 1, cancelled=True)).reason == "cancelled"


@pytest.mark.parametrize("paid, tokens, after", [(0, 499, 500), (0, 10, 11), (14, 10, 24), (5, 10, 15), (14, 499, 500)])
def test_success_pays_back(paid: int, tokens: int, after: int) -> None:
    assert judged(Reply(200), Call("POST", True, 2, paid=paid), tokens=tokens).tokens == after


@pytest.mark.parametrize(
    "method, elapsed, holds, ms",
    [
        ("GET", 0, 0, 10_000), ("HEAD", 0, 0, 10_000), ("POST", 0, 0, 30_000), ("DELETE", 0, 0, 30_000),
        ("GET", 0, 25_000, 35_000), ("POST", 0, 25_000, 30_000), ("GET", 55_000, 0, 5_000), ("POST", 59_999, 0, 1),
        ("POST", 60_000, 0, 0), ("POST", 70_000, 0, 0),
    ],
)  # fmt: skip
def test_an_attempts_time(method: str, elapsed: int, holds: int, ms: int) -> None:
    assert attempt_timeout(Policy(), method, elapsed, holds) == ms


def test_a_first_attempt_that_nothing_is_known_of() -> None:
    assert Call("POST", True, 1) == Call("POST", True, 1, 0, 0, False, 0, True, False)
    assert Reply() == Reply(0, {}, None, "")
    assert attempt_timeout(Policy(), "GET", 0) == 10_000


def test_policies_and_refusals_do_not_change() -> None:
    for value, name in ((Policy(), "max_attempts"), (FieldError("amount", "odd"), "field"), (Refusal(), "code")):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(value, name, 5)
