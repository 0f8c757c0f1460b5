"""From a request of a resource to what goes over the wire. Pure, but for the new key."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final, Mapping, NamedTuple, Optional
from urllib.parse import quote, urlencode

from ._core import CallOptions, Request
from .cancel import Cancel
from .policy import READS, Policy
from .transport import Headers, Outgoing
from .world import World

#: What is taken off the attempt's time before the server is told of it.
_DEADLINE_MARGIN_MS: Final = 500
_NO_OPTIONS: Final = CallOptions()
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_BAD_IN_HEADERS: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_HOLD: Final = "wait"  # the parameter that makes the server hold a read, in seconds


class Plan(NamedTuple):
    """A call that is ready to be sent, as often as need be: the same bytes each time."""

    method: str
    route: str
    target: str
    headers: Headers
    body: bytes
    key: Optional[str]
    policy: Policy
    cancel: Optional[Cancel] = None
    raise_on_decline: Optional[bool] = None
    #: How long the server was asked to hold a read.
    holds_ms: int = 0
    is_json: bool = True

    def outgoing(self, number: int, timeout_ms: int, further: Mapping[str, str]) -> Outgoing:
        """The request of one attempt."""
        headers = [
            *self.headers,
            (b"X-Juicer-Attempt", b"%d" % number),
            (b"Juicer-Deadline-Ms", b"%d" % max(0, timeout_ms - _DEADLINE_MARGIN_MS)),
        ]
        for name, value in further.items():
            headers.append(header(name, value))
        return Outgoing(self.method, self.target, headers, self.body, timeout_ms, self.cancel)

    def with_header(self, name: str, value: str) -> "Plan":
        """The same with a further header."""
        return self._replace(headers=[*self.headers, header(name, value)])


class Planner:
    """Makes plans for one server and key."""

    def __init__(self, base_path: str, headers: Headers, policy: Policy, world: World, trusts_keys: bool) -> None:
        self.base_path = base_path
        self._headers = headers
        self._trusts_keys = trusts_keys
        self._policy = self._resolved(policy)
        self._world = world

    def plan(self, request: Request, options: Optional[CallOptions], is_json: bool = True) -> Plan:
        """Raises ValueError for path values and headers that cannot be sent, and TypeError
        for bodies that JSON cannot hold."""
        options = options or _NO_OPTIONS
        body = encoded(request.body)
        headers = self._headers
        key = None
        if request.method not in READS:
            key = options.idempotency_key or self._world.new_key()
            headers = [*headers, header("Idempotency-Key", key), *_body_headers(body)]
        if options.headers:
            headers = [*headers, *(header(name, value) for name, value in options.headers.items())]
        return Plan(
            request.method,
            request.route,
            self.base_path + path_of(request.route, request.path) + query_of(request.query),
            headers,
            body,
            key,
            self._patience(options),
            options.cancel,
            options.raise_on_decline,
            _held_ms(request.query),
            is_json,
        )

    def _patience(self, options: CallOptions) -> Policy:
        policy = self._policy if options.policy is None else self._resolved(options.policy)
        if options.timeout is None:
            return policy
        return _shortened(policy, max(0, int(min(options.timeout * 1000, policy.deadline_ms))))

    def _resolved(self, policy: Policy) -> Policy:
        """Whether keys are trusted, where the policy leaves it open."""
        return policy if policy.trust_keys is not None else _trusting(policy, self._trusts_keys)

    def replan(self, method: str, route: str, target: str, body: bytes, key: str) -> Plan:
        """A plan kept by the outbox, as it was."""
        headers = [*self._headers, header("Idempotency-Key", key), *_body_headers(body)]
        return Plan(method, route, target, headers, body, key, self._policy)


def encoded(body: Any) -> bytes:
    """Compact JSON; NaN and Infinity are refused (ValueError). None is no body."""
    return b"" if body is None else _ENCODER.encode(body).encode("utf-8")


def header(name: str, value: str) -> "tuple[bytes, bytes]":
    """One header line. Raises ValueError if it would break the request."""
    if _BAD_IN_HEADERS.search(name + value):
        raise ValueError(f"the header {name!r} holds characters that cannot be sent")
    return name.encode("ascii"), value.encode("latin-1")


def path_of(route: str, values: "tuple[str, ...]") -> str:
    """The path of a route: ``{id}`` replaced by the values, percent-encoded.

    Raises ValueError for values that would name another route: ``""``, ``"."``, ``".."``.
    """
    if not values:
        return route
    return _form(route) % tuple(_segment(value) for value in values)


@lru_cache(maxsize=256)
def _form(route: str) -> str:
    return re.sub(r"\{[^}]*\}", "%s", route)


def _segment(value: str) -> str:
    if value in ("", ".", ".."):
        raise ValueError(f"{value!r} cannot be an id or a reference")
    return quote(value, safe="")


def query_of(query: Optional[Mapping[str, Any]]) -> str:
    """``?a=1&b=x,y``: lists joined by commas, None left out."""
    given = {name: _query_text(value) for name, value in (query or {}).items() if value is not None}
    return "?" + urlencode(given, quote_via=quote, safe=",") if given else ""


def _query_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ",".join(str(item) for item in value)
    return str(value)


def _body_headers(body: bytes) -> Headers:
    length = (b"Content-Length", b"%d" % len(body))
    return [length, (b"Content-Type", b"application/json")] if body else [length]


@lru_cache(maxsize=256)
def _trusting(policy: Policy, trusts_keys: bool) -> Policy:
    return replace(policy, trust_keys=trusts_keys)


@lru_cache(maxsize=256)
def _shortened(policy: Policy, deadline_ms: int) -> Policy:
    return replace(policy, deadline_ms=deadline_ms)


def _held_ms(query: Optional[Mapping[str, Any]]) -> int:
    held = query.get(_HOLD) if query else None
    return int(float(held) * 1000) if isinstance(held, (int, float, str)) and str(held).isdigit() else 0
