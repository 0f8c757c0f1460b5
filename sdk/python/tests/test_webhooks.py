"""The vectors of webhooks, and what is refused."""

from __future__ import annotations

import json
from typing import Any, Dict, List

import pytest

from juicer import WebhookError
from juicer.webhooks import Webhooks, canonical, checksum, signature, verify_checksum, verify_signature
from juicer.world import World

from .test_vectors import REPOSITORY

VECTORS: Dict[str, Any] = json.loads((REPOSITORY / "spec/vectors/webhook-checksum.json").read_text("utf-8"))
CASES: List[Dict[str, Any]] = VECTORS["vectors"]


def named(cases: List[Dict[str, Any]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=[case["name"] for case in cases])


@named(CASES)
def test_checksums_fit(case: Dict[str, Any]) -> None:
    data = canonical(case["data"])
    assert data.decode() == case["canonical_data"]
    assert checksum(case["business_id"], case["event"], data) == case["checksum"]
    if "body" in case:
        verify_checksum(case["body"].encode(), case["business_id"])


@named([case for case in CASES if "webhook_signature" in case])
def test_signatures_fit(case: Dict[str, Any]) -> None:
    id, at, body = case["webhook_id"], case["webhook_timestamp"], case["body"].encode()
    assert signature(case["webhook_secret"], id, str(at), body) == case["webhook_signature"]
    headers = {"Webhook-Id": id, "WEBHOOK-TIMESTAMP": str(at), "webhook-signature": case["webhook_signature"]}
    verify_signature(body, headers, case["webhook_secret"], at + 299)


@named(VECTORS["reject"])
def test_bodies_that_must_be_refused(case: Dict[str, Any]) -> None:
    with pytest.raises(WebhookError):
        verify_checksum(case["body"].encode(), case["business_id"])


def signed() -> "tuple[bytes, Dict[str, str], Dict[str, Any]]":
    case = CASES[0]
    headers = {
        "webhook-id": case["webhook_id"],
        "webhook-timestamp": str(case["webhook_timestamp"]),
        "webhook-signature": case["webhook_signature"],
    }
    return case["body"].encode(), headers, case


def refused(body: bytes, headers: Dict[str, str], secret: str, now_s: float) -> str:
    with pytest.raises(WebhookError) as caught:
        verify_signature(body, headers, secret, now_s)
    return caught.value.reason


@pytest.mark.parametrize("off", [301, -301])
def test_a_timestamp_five_minutes_off_is_refused(off: int) -> None:
    body, headers, case = signed()
    assert refused(body, headers, case["webhook_secret"], case["webhook_timestamp"] + off) == "timestamp_too_far"


@pytest.mark.parametrize(
    "change, reason",
    [
        ({"webhook-id": "evt_other"}, "signature_wrong"),
        ({"webhook-id": ""}, "headers_missing"),
        ({"webhook-timestamp": "soon"}, "timestamp_malformed"),
        ({"webhook-timestamp": "٣"}, "timestamp_malformed"),
        ({"webhook-signature": "v1,AAAA"}, "signature_wrong"),
        ({"webhook-signature": "v2,AAAA é"}, "signature_wrong"),
    ],
)
def test_spoilt_headers_are_refused(change: Dict[str, str], reason: str) -> None:
    body, headers, case = signed()
    assert refused(body, {**headers, **change}, case["webhook_secret"], case["webhook_timestamp"]) == reason


def test_one_of_two_signatures_is_enough_while_a_secret_changes() -> None:
    body, headers, case = signed()
    both = {**headers, "webhook-signature": "v1,AAAA " + case["webhook_signature"]}
    verify_signature(body, both, case["webhook_secret"], case["webhook_timestamp"])


def test_bodies_of_another_sender_are_put_in_order_first() -> None:
    case = CASES[0]
    body = json.dumps({"event": case["event"], "data": case["data"], "checksum": case["checksum"].lower()}, indent=1)
    verify_checksum(body.encode(), case["business_id"])


@pytest.mark.parametrize("body", [b"", b"[]", b'{"event":1,"data":{}}', b'{"event":"x","data":[]}', b"\xff", b"[" * 10**5])
def test_what_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(WebhookError) as caught:
        verify_checksum(body, "biz")
    assert caught.value.reason == "body_malformed"


def test_an_event_without_an_id_is_known_by_its_checksum() -> None:
    body, _, case = signed()
    event = Webhooks(None, case["business_id"]).verify(body, {})
    assert event.id == case["checksum"] and event.sequence is None


def test_the_client_checks_all_it_has_the_means_for() -> None:
    body, headers, case = signed()
    world = World(now_ms=lambda: case["webhook_timestamp"] * 1000)
    both = Webhooks(case["webhook_secret"], case["business_id"], world)
    event = both.verify(body, {**headers, "Juicer-Sequence": "42", "juicer-previous-sequence": "40"})
    assert (event.id, event.event) == (case["webhook_id"], case["event"])
    assert (event.sequence, event.previous_sequence) == (42, 40) and event.data == case["data"]
    with pytest.raises(WebhookError):
        Webhooks(case["webhook_secret"], "another business", world).verify(body, headers)
    with pytest.raises(ValueError):
        Webhooks(None, None).verify(body, headers)
    with pytest.raises(ValueError):
        signature("whsec_not base64!", "a", "1", b"")
