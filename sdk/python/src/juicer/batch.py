"""Several requests in one: each on its own, a failure stops nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Callable, Dict, Final, List, Mapping, Optional, Sequence

from ._core import Request
from .envelope import read
from .errors import Facts, JuicerError, from_facts
from .policy import READS, Outcome
from .result import RawReply, Result

ITEMS_MAX: Final = 50


@dataclass(frozen=True)
class BatchItem:
    """One request. ``path`` may hold a query; a writing one gets a key of its own if it has none."""

    method: str
    path: str
    body: Any = None
    idempotency_key: Optional[str] = None
    id: Optional[str] = None


@dataclass(frozen=True)
class BatchReply:
    """The answer to one item, or the error it would have raised."""

    id: str
    status: int
    result: Optional[Result[Any]]
    error: Optional[JuicerError]

    @property
    def outcome(self) -> Optional[Outcome]:
        """Did money move?"""
        return self.result.outcome if self.result is not None else self.error.outcome if self.error else None

    def succeeded(self) -> bool:
        """Whether money has moved."""
        return self.outcome == "succeeded"

    def unwrap(self) -> Result[Any]:
        """The result. Raises the error instead."""
        if self.error is not None:
            raise self.error
        assert self.result is not None
        return self.result


def joined(items: Sequence[BatchItem], new_key: Callable[[], str]) -> "tuple[Request, List[Optional[str]]]":
    """The request for all items, and the key of each. Raises ValueError for none or too many."""
    if not 1 <= len(items) <= ITEMS_MAX:
        raise ValueError(f"a batch holds 1 to {ITEMS_MAX} requests, not {len(items)}")
    keys = [_key(item, new_key) for item in items]
    requests = [_member(index, item, key) for index, (item, key) in enumerate(zip(items, keys))]
    return Request("POST", "/batch", body={"requests": requests}), keys


def _key(item: BatchItem, new_key: Callable[[], str]) -> Optional[str]:
    return None if item.method in READS else item.idempotency_key or new_key()


def _member(index: int, item: BatchItem, key: Optional[str]) -> Dict[str, Any]:
    member = {"id": item.id or str(index), "method": item.method, "path": item.path}
    more = {"body": item.body, "idempotency_key": key}
    return {**member, **{name: value for name, value in more.items() if value is not None}}


def parted(result: Result[Any], items: Sequence[BatchItem], keys: Sequence[Optional[str]]) -> List[BatchReply]:
    """The answers, in the order of the items."""
    return [_reply(member, item, key) for member, item, key in zip(result.data, items, keys)]


def _reply(member: Mapping[str, Any], item: BatchItem, key: Optional[str]) -> BatchReply:
    status, value = member["status"], member.get("body")
    headers = {name.lower(): text for name, text in (member.get("headers") or {}).items()}
    body = b"" if value is None else json.dumps(value).encode("utf-8")
    if 200 <= status < 300:
        data = value.get("data", value) if isinstance(value, dict) else value
        return BatchReply(member["id"], status, Result(data, value, RawReply(status, headers, body), (), key), None)
    refusal = read(body)
    outcome: Any = refusal.envelope.outcome if refusal.envelope and key is not None else None
    facts = Facts(item.method, item.path, None, outcome or ("unknown" if key else None), status, None, refusal, key)
    return BatchReply(member["id"], status, None, from_facts(facts))
