"""When to send again, and what an error says about money: one pure decision.

Nothing here reads a clock, rolls dice, sleeps or sends. The loop (``loop.py``) calls
:func:`decide` after every attempt and does what it says. ``spec/vectors/retry.json`` is
the test of this file; the SDKs for Go and Node.js give the same answers to it.

All times are whole milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, Mapping, NamedTuple, Optional

from .envelope import Envelope
from .wait import server_wait

Action = Literal["ok", "retry", "stop"]
Outcome = Literal["not_attempted", "refused", "pending", "unknown", "succeeded"]
Reason = Literal[
    # why it is sent again
    "transient",
    "throttle",
    "in_progress",
    # why it stops
    "cancelled",
    "server_said_no",
    "new_key_needed",
    "verify_first",
    "not_retryable",
    "unknown_outcome",
    "body_not_replayable",
    "attempts_exhausted",
    "retry_after_too_long",
    "deadline",
    "budget_exhausted",
]


@dataclass(frozen=True)
class Policy:
    """How patient a client is. The defaults suit payments; times are milliseconds."""

    max_attempts: int = 4
    transient_base_ms: int = 500
    throttle_base_ms: int = 1_000
    cap_ms: int = 8_000
    #: A server that asks for a longer wait ends the call instead.
    server_wait_limit_ms: int = 60_000
    #: The server's wait is stretched by at most this, and at most by a quarter.
    spread_ms: int = 1_000
    #: The whole call, waits included.
    deadline_ms: int = 60_000
    write_timeout_ms: int = 30_000
    read_timeout_ms: int = 10_000
    #: An attempt with less time left than this is not begun.
    min_attempt_ms: int = 500
    #: Retries are paid from a bucket of tokens that all calls of a client share.
    bucket: int = 500
    transient_cost: int = 14
    throttle_cost: int = 5
    success_gain: int = 1
    idle_gain_per_s: int = 1
    #: How often to wait for one's own key that is still in use; these are no attempts.
    max_waits: int = 10
    #: False for servers that do not promise what repeats with the same key mean: then
    #: only a look-up ends ``unknown``. None: as the client knows the host; else True.
    trust_keys: Optional[bool] = None


class Call(NamedTuple):
    """What is known of the call before its answer."""

    method: str
    has_key: bool
    attempt: int  # 1 for the first
    waits: int = 0  # for the own key, so far
    elapsed_ms: int = 0
    lost_before: bool = False  # an earlier attempt's answer was lost
    paid: int = 0  # tokens paid for the last retry
    replayable: bool = True  # the body can be sent again
    cancelled: bool = False


class Reply(NamedTuple):
    """What came of an attempt: a status with headers, or an event of the transport.

    ``headers`` have lower-case names; a header that came twice is joined by ", ".
    ``envelope`` is None unless the body was JSON with an object under "error".
    """

    status: int = 0
    headers: Mapping[str, str] = {}
    envelope: Optional[Envelope] = None
    event: str = ""


class Verdict(NamedTuple):
    """What to do now. ``tokens`` is what is left in the bucket."""

    action: Action
    tokens: int
    reason: Optional[Reason] = None
    delay_ms: Optional[int] = None
    outcome: Optional[Outcome] = None
    retry_after_ms: Optional[int] = None


READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_IDEMPOTENT: Final = READS | {"PUT", "DELETE"}

#: Events after which the server cannot have seen the request, and a later try may work.
UNSENT_FOR_NOW: Final = frozenset(
    {"connect_refused", "connect_timeout", "dns_temporary", "tls_timeout", "not_processed", "pool_timeout"}
)
#: Events after which the server cannot have seen the request, and none will.
UNSENT_FOR_GOOD: Final = frozenset({"dns_not_found", "tls_certificate"})
#: Events after which the server may have done the work although no answer arrived.
LOST: Final = frozenset({"reset", "read_timeout", "write_timeout", "truncated_body", "invalid_body"})

_TRANSIENT_STATUSES: Final = frozenset({408, 500, 502, 503, 504})
_FINAL_FOR_A_KEY: Final = frozenset({400, 403, 409, 422})
_REFUSED_BEFORE_WORK: Final = frozenset({401, 404, 405, 413, 415, 429})
_IN_USE: Final = "idempotency_key_in_use"
_OUTCOMES: Final[Mapping[str, Outcome]] = {
    "not_attempted": "not_attempted",
    "refused": "refused",
    "pending": "pending",
    "unknown": "unknown",
    "succeeded": "succeeded",
}
_NOTHING_HAPPENED: Final = frozenset({"not_attempted", "refused"})
_DOUBLINGS_MAX: Final = 62  # further doublings cannot matter below any cap


def decide(policy: Policy, call: Call, reply: Reply, now_ms: int, rand: float, tokens: int) -> Verdict:
    """Says whether the call is done, is to be sent again, or ends with an error.

    ``now_ms`` is the local wall clock (since 1970), used only for dates from servers
    that send no ``Date``. ``rand`` is in [0, 1). ``tokens`` is what the bucket holds.
    """
    cancelled = call.cancelled or reply.event == "cancelled"
    if not cancelled and not reply.event and (200 <= reply.status < 300 or reply.status == 304):
        return Verdict("ok", min(policy.bucket, tokens + (call.paid or policy.success_gain)))
    asked = server_wait(reply.headers, reply.envelope, now_ms)
    if cancelled:
        return _stop(policy, call, reply, tokens, "cancelled", asked)
    kind = _kind(reply)
    if kind is None:
        return _stop(policy, call, reply, tokens, _why_not_retryable(call, reply), asked)
    if kind in _STOPS:
        return _stop(policy, call, reply, tokens, kind, asked)
    return _again(policy, call, reply, asked, rand, tokens, kind)


_STOPS: Final = frozenset({"server_said_no", "new_key_needed", "verify_first"})


def _kind(reply: Reply) -> Optional[Reason]:
    """The class of the answer: a kind of retry, a stop the server asks for, or neither."""
    if reply.event:
        return "transient" if reply.event in UNSENT_FOR_NOW or reply.event in LOST else None
    if _in_use(reply):
        return "in_progress"
    hint = reply.envelope
    if hint is not None:
        if hint.retry_allowed is False:
            return "server_said_no"
        if hint.retry_with == "new_key":
            return "new_key_needed"
        if hint.retry_with == "after_verify":
            return "verify_first"
    if reply.status == 429:
        return "throttle"
    if reply.status in _TRANSIENT_STATUSES or (hint is not None and hint.retry_allowed):
        return "transient"
    return None


def _why_not_retryable(call: Call, reply: Reply) -> Reason:
    """After a lost answer, "it exists already" may speak of our own first attempt."""
    if call.lost_before and (_code(reply) == "reference_exists" or (call.method == "DELETE" and reply.status == 404)):
        return "verify_first"
    return "not_retryable"


def _again(
    policy: Policy, call: Call, reply: Reply, asked: Optional[int], rand: float, tokens: int, kind: Reason
) -> Verdict:
    """A retry, unless one of the limits forbids it."""
    delay = _delay(policy, call, kind, asked, rand)
    cost = _cost(policy, kind)
    if not _safe(call, reply):
        return _stop(policy, call, reply, tokens, "unknown_outcome", asked)
    if not call.replayable:
        return _stop(policy, call, reply, tokens, "body_not_replayable", asked)
    if call.waits >= policy.max_waits if kind == "in_progress" else call.attempt >= policy.max_attempts:
        return _stop(policy, call, reply, tokens, "attempts_exhausted", asked)
    if asked is not None and asked > policy.server_wait_limit_ms:
        return _stop(policy, call, reply, tokens, "retry_after_too_long", asked)
    if call.elapsed_ms + delay + policy.min_attempt_ms > policy.deadline_ms:
        return _stop(policy, call, reply, tokens, "deadline", asked)
    if tokens < cost:
        return _stop(policy, call, reply, tokens, "budget_exhausted", asked)
    return Verdict("retry", tokens - cost, kind, delay)


def _safe(call: Call, reply: Reply) -> bool:
    """Whether sending twice cannot do the work twice."""
    if call.method in _IDEMPOTENT or call.has_key:
        return True
    if reply.event:
        return reply.event in UNSENT_FOR_NOW
    return reply.status == 429 or _in_use(reply) or _named_outcome(reply) == "not_attempted"


def _delay(policy: Policy, call: Call, kind: Reason, asked: Optional[int], rand: float) -> int:
    """The server's wait, spread upwards only; else full jitter below a doubling ceiling."""
    if asked is not None:
        return asked + int(rand * min(policy.spread_ms, asked / 4))
    base = policy.transient_base_ms if kind == "transient" else policy.throttle_base_ms
    doublings = call.waits if kind == "in_progress" else call.attempt - 1
    return int(rand * min(policy.cap_ms, base << min(doublings, _DOUBLINGS_MAX)))


def _cost(policy: Policy, kind: Reason) -> int:
    if kind == "in_progress":
        return 0
    return policy.throttle_cost if kind == "throttle" else policy.transient_cost


def _stop(policy: Policy, call: Call, reply: Reply, tokens: int, reason: Reason, asked: Optional[int]) -> Verdict:
    return Verdict("stop", tokens, reason, outcome=_outcome(policy, call, reply), retry_after_ms=asked)


def _outcome(policy: Policy, call: Call, reply: Reply) -> Optional[Outcome]:
    """Did money move? None for reads."""
    if call.method in READS:
        return None
    if reply.event:
        unsent = reply.event in UNSENT_FOR_NOW or reply.event in UNSENT_FOR_GOOD
        return "not_attempted" if unsent and not call.lost_before else "unknown"
    if call.lost_before and not _ends_unknown(policy, reply):
        return "unknown"
    return _named_outcome(reply) or _outcome_by_status(reply)


def _ends_unknown(policy: Policy, reply: Reply) -> bool:
    """Whether the server says something final for this very key."""
    final = reply.envelope is not None and reply.status in _FINAL_FOR_A_KEY
    return policy.trust_keys is not False and final and _code(reply) != "reference_exists"


def _outcome_by_status(reply: Reply) -> Outcome:
    if _in_use(reply):
        return "pending"
    if reply.status in _REFUSED_BEFORE_WORK:
        return "not_attempted"
    refusal = 400 <= reply.status < 500 and reply.status != 408 and reply.envelope is not None
    return "refused" if refusal and _code(reply) != "idempotency_key_expired" else "unknown"


def loses_answer(reply: Reply) -> bool:
    """Whether the work may have been done, or goes on, although no answer says how it ends.

    The loop remembers it: what a later attempt is told (a 429, a 401) then says nothing
    of the first one. A server that names the outcome ``unknown`` has lost it as well.
    """
    if reply.event:
        return reply.event not in UNSENT_FOR_NOW and reply.event not in UNSENT_FOR_GOOD
    named = _named_outcome(reply)
    if named is None:
        return reply.status == 408 or reply.status >= 500 or _in_use(reply)
    return named not in _NOTHING_HAPPENED


def attempt_timeout(policy: Policy, method: str, elapsed_ms: int, server_holds_ms: int = 0) -> int:
    """How long the next attempt may take: by kind of call, cut to what is left of the call.

    ``server_holds_ms`` is how long the server was asked to hold a read (``?wait=``).
    """
    usual = policy.read_timeout_ms + server_holds_ms if method in READS else policy.write_timeout_ms
    return max(0, min(usual, policy.deadline_ms - elapsed_ms))


def _in_use(reply: Reply) -> bool:
    return reply.status == 409 and _code(reply) == _IN_USE


def _code(reply: Reply) -> Optional[str]:
    return reply.envelope.code if reply.envelope is not None else None


def _named_outcome(reply: Reply) -> Optional[Outcome]:
    named = reply.envelope.outcome if reply.envelope is not None else None
    return _OUTCOMES.get(named) if named is not None else None
