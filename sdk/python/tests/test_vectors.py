"""Every case of spec/vectors/retry.json, through decide itself."""

from __future__ import annotations

import dataclasses
import datetime
import json
import os
import pathlib
from typing import Any, Dict, List, Mapping, Optional

from juicer.budget import refill
from juicer.envelope import read_envelope
from juicer.policy import Call, Policy, Reply, Verdict, decide

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
ANSWERS = ("action", "reason", "delay_ms", "tokens", "outcome", "retry_after_ms")


def cases() -> List[Dict[str, Any]]:
    path = os.environ.get("JUICER_RETRY_VECTORS") or REPOSITORY / "spec" / "vectors" / "retry.json"
    found = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    assert isinstance(found, list) and found, f"{path} holds no cases"
    return found


def joined(headers: Any) -> Mapping[str, str]:
    pairs = headers.items() if isinstance(headers, dict) else headers or []
    one: Dict[str, str] = {}
    for name, value in pairs:
        for text in value if isinstance(value, list) else [value]:
            name = name.lower()
            one[name] = f"{one[name]}, {text}" if name in one else text
    return one


def overrides(policy: Mapping[str, Any]) -> Policy:
    known = {field.name for field in dataclasses.fields(Policy)}
    assert policy.keys() <= known, f"unknown in policy: {policy.keys() - known}"
    return Policy(**policy)


def moment(text: Optional[str]) -> int:
    if text is None:
        return 0
    parsed = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")
    return round(parsed.replace(tzinfo=datetime.timezone.utc).timestamp() * 1000)


def judge(case: Mapping[str, Any]) -> Verdict:
    policy = overrides(case.get("policy") or {})
    call = Call(
        method=case["method"],
        has_key=case["key"],
        attempt=case["attempt"],
        waits=case.get("waits", 0),
        elapsed_ms=case["elapsed_ms"],
        lost_before=case.get("lost_before", False),
        paid=case.get("paid", 0),
        replayable=case.get("replayable", True),
        cancelled=case.get("cancelled", False),
    )
    reply = Reply(
        status=case.get("status") or 0,
        headers=joined(case.get("headers")),
        envelope=read_envelope((case.get("body") or "").encode("utf-8")),
        event=case.get("error") or "",
    )
    tokens = refill(policy, case["tokens"], case.get("idle_ms", 0))
    return decide(policy, call, reply, moment(case.get("now")), case["rand"], tokens)


def disagreements(found: List[Dict[str, Any]]) -> List[str]:
    wrong = []
    for case in found:
        got = judge(case)._asdict()
        want = {name: case["expect"].get(name) for name in ANSWERS}
        if "retry_after_ms" not in case["expect"]:  # the file names the server's wait where it matters
            got.pop("retry_after_ms"), want.pop("retry_after_ms")
        if got != want:
            wrong.append(f"{case['name']}: got {got}, want {want}")
    return wrong


def test_every_case_agrees() -> None:
    found = cases()
    print(f"{len(found)} cases of retry vectors")
    wrong = disagreements(found)
    assert not wrong, "\n".join(wrong)


def test_a_wrong_expectation_is_noticed() -> None:
    planted = [{**case, "expect": {**case["expect"], "tokens": -1}} for case in cases()]
    assert len(disagreements(planted)) == len(planted)
