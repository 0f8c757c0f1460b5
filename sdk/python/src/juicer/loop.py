"""The loop around ``decide``: one call, from its first request to its result or error.

It is written once, as a generator that says what to do next (a request, a wait) and is
told what came of it. ``client.py`` has the two drivers that do it, blocking and not.
"""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Final, Generator, List, NamedTuple, Optional, Tuple, Union

from .budget import Budget
from .envelope import NotJSON, Refusal, parse, read
from .errors import Attempt, Facts, JuicerError, from_facts
from .hooks import AttemptReport, CallReport, Watchers
from .outbox import Outbox
from .pacing import Pacing
from .plan import Plan
from .policy import Call, Outcome, Policy, Reply, Verdict, attempt_timeout, decide, loses_answer
from .rates import Rates
from .result import RawReply, Result
from .transport import Arrival, Outgoing, Server
from .wait import server_wait
from .world import World


class Sleep(NamedTuple):
    """Wait so long; the answer is whether the caller cancelled meanwhile."""

    ms: int


class Join(NamedTuple):
    """Wait until the same read, begun by somebody else, has ended."""

    flight: "Future[Optional[RawReply]]"


#: What a loop asks for: a request to be sent, or a wait.
Step = Union[Outgoing, Sleep, Join]
Answer = Any  # an Arrival, a bool or None, by the step
Steps = Generator[Step, Answer, Result[Any]]


@dataclass
class Mind:
    """What all calls of one client share."""

    server: Server
    policy: Policy
    world: World
    budget: Budget
    rates: Rates
    hooks: Watchers
    pacing: Optional[Pacing] = None
    outbox: Optional[Outbox] = None


def run(mind: Mind, plan: Plan) -> Steps:
    """Sends until ``decide`` says it is done. Returns the result or raises JuicerError."""
    call = _Running(mind, plan)
    began = int(call.began)
    mind.budget.enter(began)
    try:
        if mind.outbox is not None and plan.key is not None:
            mind.outbox.keep(plan)
        return (yield from _attempts(call))
    except JuicerError as error:
        call.ended(error)
        raise
    except GeneratorExit:  # the task was cancelled, or the program is ending
        call.ended(call.error("cancelled", call.outcome_if_left(), _CANCELLED))
        raise
    finally:
        mind.budget.leave(int(mind.world.monotonic_ms()))


def _attempts(call: "_Running") -> Steps:
    mind, plan = call.mind, call.plan
    while True:
        if mind.pacing is not None:
            yield from _pace(call, mind.pacing)
        outgoing = call.next_request()
        arrival: Arrival = yield outgoing
        reply, value, refusal = understood(arrival, plan)
        verdict = call.judged(reply, refusal)
        if verdict.action == "ok":
            return call.succeeded(arrival, value)
        if verdict.action == "stop":
            raise call.error(verdict.reason, verdict.outcome, reply, refusal, verdict.retry_after_ms)
        if (yield Sleep(verdict.delay_ms or 0)):
            last = call.verdict(reply, cancelled=True)
            raise call.error("cancelled", last.outcome, reply, refusal)
        call.moves_on(verdict)


def _pace(call: "_Running", pacing: Pacing) -> Generator[Step, Answer, None]:
    """Waits for its turn, if that fits into the call's time."""
    plan, world = call.plan, call.mind.world
    wait = pacing.turn(plan.method, plan.route, world.monotonic_ms())
    if wait > 0 and call.elapsed() + wait + plan.policy.min_attempt_ms <= plan.policy.deadline_ms:
        if (yield Sleep(wait)):
            raise call.error("cancelled", call.outcome_if_left(), _CANCELLED)


_CANCELLED: Final = Reply(event="cancelled")
_NOTHING: Final = Refusal()
_OPEN: Final = ("unknown", "pending")  # the outbox keeps such calls


class _Running:
    """One call under way."""

    __slots__ = (
        "mind", "plan", "began", "number", "waits", "paid", "lost", "last", "refusal", "under_way", "attempts", "report", "sent_at", "at",
    )  # fmt: skip

    def __init__(self, mind: Mind, plan: Plan) -> None:
        self.mind = mind
        self.plan = plan
        self.began = self.at = self.sent_at = mind.world.monotonic_ms()
        self.number = 1
        self.waits = 0
        self.paid = 0
        self.lost = False
        self.last: Optional[Reply] = None
        self.refusal = _NOTHING
        self.under_way = False
        self.attempts: List[Attempt] = []
        self.report: Optional[AttemptReport] = None

    def elapsed(self) -> int:
        """Milliseconds since the call began."""
        return int(self.mind.world.monotonic_ms() - self.began)

    def next_request(self) -> Outgoing:
        """The next attempt's request. Raises if there is no time for it, or if cancelled."""
        plan, mind = self.plan, self.mind
        if plan.cancel is not None and plan.cancel.is_set():
            raise self.error("cancelled", self.outcome_if_left(), _CANCELLED)
        self.sent_at = mind.world.monotonic_ms()
        timeout = attempt_timeout(plan.policy, plan.method, int(self.sent_at - self.began), plan.holds_ms)
        if timeout <= 0:  # none was given, or a wait took much longer than it should
            raise self.error("deadline", self.outcome_if_left(), self.last or Reply(), self.refusal)
        self.under_way = True
        return plan.outgoing(self.number, timeout, self._announced() if mind.hooks else {})

    def _announced(self) -> "dict[str, str]":
        plan, server = self.plan, self.mind.server
        url = server.origin + plan.target
        self.report = AttemptReport(plan.method, plan.route, url, server.host, server.port, self.number)
        return self.mind.hooks.attempt_begins(self.report)

    def judged(self, reply: Reply, refusal: Refusal) -> Verdict:
        """Records the answer and decides; pays from the budget."""
        mind = self.mind
        self.at = mind.world.monotonic_ms()
        self.last, self.refusal, self.under_way = reply, refusal, False
        with mind.budget.lock:
            verdict = self.verdict(reply)
            if verdict.action == "retry" and verdict.reason != "in_progress":
                self.paid = mind.budget.tokens - verdict.tokens
            mind.budget.settle(verdict.tokens)
        self.lost = self.lost or (verdict.action != "ok" and loses_answer(reply))
        self._recorded(reply, verdict)
        return verdict

    def verdict(self, reply: Reply, cancelled: bool = False) -> Verdict:
        """What ``decide`` says of this answer."""
        plan, world = self.plan, self.mind.world
        call = Call(
            plan.method,
            plan.key is not None,
            self.number,
            self.waits,
            int(self.at - self.began),
            self.lost,
            self.paid,
            True,
            cancelled or (plan.cancel is not None and reply.event != "" and plan.cancel.is_set()),
        )
        return decide(plan.policy, call, reply, world.now_ms(), world.rand(), self.mind.budget.tokens)

    def _recorded(self, reply: Reply, verdict: Verdict) -> None:
        mind, headers = self.mind, reply.headers
        self.attempts.append(
            Attempt(
                self.number,
                int(self.sent_at - self.began),
                reply.status or None,
                reply.event or None,
                headers.get("x-request-id"),
                verdict.delay_ms,
            )
        )
        mind.rates.request(self.at, reply)
        if mind.pacing is not None:
            mind.pacing.learn(self.plan.method, self.plan.route, headers.get("ratelimit"), self.at)
        if self.report is not None:
            self._attempt_ended(self.report, reply)

    def _attempt_ended(self, report: AttemptReport, reply: Reply) -> None:
        report.status, report.cause, report.ms = reply.status or None, reply.event or None, self.at - self.sent_at
        self.report = None
        self.mind.hooks.attempt_ended(report)

    def moves_on(self, verdict: Verdict) -> None:
        """A wait for one's own key is not an attempt."""
        if verdict.reason == "in_progress":
            self.waits += 1
        else:
            self.number += 1

    def succeeded(self, arrival: Arrival, value: Any) -> Result[Any]:
        """The result of a 2xx (or 304)."""
        raw = RawReply(arrival.status, arrival.headers, arrival.body)
        data = value.get("data", value) if isinstance(value, dict) else value
        result = Result(data, value, raw, tuple(self.attempts), self.plan.key)
        if self.mind.outbox is not None and self.plan.key is not None:
            self.mind.outbox.drop(self.plan.key)
        if self.mind.hooks:
            self._reported(arrival.status, None, result.outcome, None)
        return result

    def outcome_if_left(self) -> Optional[Outcome]:
        """Did money move, if the call ends while no answer is at hand?"""
        if self.plan.key is None:
            return None
        if self.under_way:
            return "unknown"
        return "not_attempted" if self.last is None else self.verdict(self.last, cancelled=True).outcome

    def error(
        self,
        reason: Any,
        outcome: Optional[Outcome],
        reply: Reply,
        refusal: Refusal = _NOTHING,
        asked_ms: Optional[int] = None,
    ) -> JuicerError:
        """The error that ends this call."""
        if asked_ms is None:
            asked_ms = server_wait(reply.headers, reply.envelope, self.mind.world.now_ms())
        return from_facts(
            Facts(
                self.plan.method,
                self.plan.route,
                reason,
                outcome,
                reply.status or None,
                reply.event or None,
                refusal,
                self.plan.key,
                tuple(self.attempts),
                asked_ms,
                self.elapsed(),
            )
        )

    def ended(self, error: JuicerError) -> None:
        """Tells everybody that the call failed."""
        mind = self.mind
        if error.outcome == "unknown":
            mind.rates.unknown_outcome(mind.world.monotonic_ms())
        if mind.outbox is not None and self.plan.key is not None and error.outcome not in _OPEN:
            mind.outbox.drop(self.plan.key)
        if self.report is not None:
            self._attempt_ended(self.report, _CANCELLED)
        if mind.hooks:
            self._reported(error.status, error.code or getattr(error, "cause", None), error.outcome, error)

    def _reported(
        self, status: Optional[int], code: Optional[str], outcome: Optional[Outcome], error: Optional[JuicerError]
    ) -> None:
        plan = self.plan
        report = CallReport(
            plan.method,
            plan.route,
            status,
            code,
            self.attempts[-1].request_id if self.attempts else None,
            len(self.attempts),
            self.mind.world.monotonic_ms() - self.began,
            outcome,
            plan.key,
            error,
        )
        self.mind.hooks.call_ended(report)


def understood(arrival: Arrival, plan: Plan) -> Tuple[Reply, Any, Refusal]:
    """The answer as the policy sees it, the JSON of a success, and what a refusal says.

    A 2xx whose body is not JSON, although JSON was promised, is a lost answer.
    """
    status, headers, body, event = arrival
    if event:
        return Reply(status, headers, None, event), None, _NOTHING
    if 200 <= status < 300 and plan.is_json and not _may_be_empty(plan, status, body):
        try:
            return Reply(status, headers), parse(body), _NOTHING
        except NotJSON:
            return Reply(status, headers, None, "invalid_body"), None, _NOTHING
    if 200 <= status < 300 or status == 304:
        return Reply(status, headers), None, _NOTHING
    refusal = read(body)
    return Reply(status, headers, refusal.envelope), None, refusal


def _may_be_empty(plan: Plan, status: int, body: bytes) -> bool:
    return not body and (status in (204, 205) or plan.method in ("DELETE", "HEAD"))
