"""What errors are, say and do not say."""

from __future__ import annotations

import json
from typing import Any, Dict

import pytest

import juicer
from juicer import codes, errors
from juicer.errors import scrubbed

from .server import POOR_CARD, Server, captured, fault, session
from .test_vectors import REPOSITORY
from .virtual import Says, Stage, paid, reset

TREE = {
    "APIError": ["InvalidRequestError", "ValidationError", "AuthenticationError", "PermissionError", "NotFoundError",
                 "ConflictError", "IdempotencyError", "RateLimitError", "ServerError"],
    "TransportError": ["ConnectionError", "TimeoutError", "InvalidResponseError"],
    "JuicerError": ["APIError", "TransportError", "DeadlineError", "CancelledError", "PaymentDeclined"],
}  # fmt: skip


def error_of(*answers: Says, method: str = "post") -> Any:
    stage = Stage("sync", *answers)
    with pytest.raises(juicer.JuicerError) as caught:
        getattr(stage, method)()
    return caught.value


@pytest.mark.parametrize("parent", TREE)
def test_the_tree(parent: str) -> None:
    children = [kind.__name__ for kind in getattr(juicer, parent).__subclasses__()]
    assert children == TREE[parent]
    assert all(name in (errors.__doc__ or "") for name in children)


@pytest.mark.parametrize(
    "status, kind",
    [
        (400, "InvalidRequestError"), (401, "AuthenticationError"), (403, "PermissionError"), (404, "NotFoundError"),
        (405, "InvalidRequestError"), (408, "ServerError"), (409, "ConflictError"), (410, "InvalidRequestError"),
        (422, "ValidationError"), (429, "RateLimitError"), (500, "ServerError"), (503, "ServerError"), (307, "InvalidRequestError"),
    ],
)  # fmt: skip
def test_classes_by_status(status: int, kind: str) -> None:
    assert type(error_of(Says(status))).__name__ == kind


@pytest.mark.parametrize("code", sorted(codes.CLASS_OF))
def test_classes_by_code(code: str) -> None:
    error = error_of(Says(418, {"error": {"code": code}}))
    assert type(error).__name__ == codes.CLASS_OF[code] and error.code == code


def test_every_code_of_the_catalogue_has_a_class() -> None:
    catalogue = json.loads((REPOSITORY / "spec/problems.json").read_text("utf-8"))
    assert {problem["code"] for problem in catalogue["problems"]} == set(codes.CLASS_OF)


@pytest.mark.parametrize(
    "event, kind",
    [
        ("connect_refused", "ConnectionError"), ("dns_not_found", "ConnectionError"), ("reset", "ConnectionError"),
        ("tls_certificate", "ConnectionError"), ("read_timeout", "TimeoutError"), ("connect_timeout", "TimeoutError"),
        ("truncated_body", "InvalidResponseError"), ("invalid_body", "InvalidResponseError"), ("new_trouble", "ConnectionError"),
    ],
)  # fmt: skip
def test_classes_by_event(event: str, kind: str) -> None:
    error = error_of(Says(event=event))
    assert type(error).__name__ == kind and error.cause == event


def test_an_error_says_everything_it_knows() -> None:
    body = {
        "error": {
            "type": "rate_limit_error", "code": "rate_limit_exceeded", "message": "Too many requests.", "outcome": "not_attempted",
            "doc_url": "https://shop.test/docs/errors#rate_limit_exceeded", "retry_after": 90, "details": {"limit": "key"},
        }
    }  # fmt: skip
    error = error_of(reset(), Says(429, body))
    assert (error.status, error.code, error.type) == (429, "rate_limit_exceeded", "rate_limit_error")
    assert error.message == "Too many requests." and error.details == {"limit": "key"}
    assert error.retry_after == 90 and error.reason == "retry_after_too_long"
    assert error.outcome == "unknown" and len(error.idempotency_key) == 32
    assert [(a.number, a.at_ms, a.status, a.cause, a.request_id, a.wait_ms) for a in error.attempts] == [
        (1, 0, None, "reset", None, 250),
        (2, 260, 429, None, "req_2", None),
    ]
    assert error.request_id == "req_2" and error.request_ids == ["req_2"] and error.total_ms == 270
    text = str(error)
    for part in ("Too many requests.", "(429 rate_limit_exceeded)", "Money may have moved", "client.resume('", "req_2", "https://"):
        assert part in text


def test_a_request_id_in_the_body_is_enough() -> None:
    stage = Stage("sync", Says(400, {"error": {"request_id": "req_body"}}, {"x-request-id": ""}))
    with pytest.raises(juicer.InvalidRequestError) as caught:
        stage.post()
    assert caught.value.request_id == "req_body"


def test_field_errors_are_in_the_text(server: Server, reference: str) -> None:
    body: Any = {**session(reference), "amount": -5, "colour": "red"}
    with server.client() as client, pytest.raises(juicer.ValidationError) as caught:
        client.payment_sessions.create(body)
    error = caught.value
    assert [(field.field, field.code) for field in error.fields] == [
        ("amount", "must_be_positive"),
        ("colour", "unknown_field"),
    ]
    assert "amount: Amount must be a positive integer." in str(error)
    assert error.outcome == "not_attempted" and "No money moved" in str(error)


def test_a_support_bundle_holds_no_secret(server: Server, reference: str) -> None:
    with server.client() as client:
        body: Any = {**session(reference), "description": f"{server.key} 4012 0000 3333 0026", "currency": server.key}
        with pytest.raises(juicer.ValidationError) as caught:
            client.payment_sessions.create(body)
        bundle = caught.value.support_bundle()
    assert server.key not in bundle and server.key[5:] not in bundle + str(caught.value.attempts)
    for part in ("juicer-pay 0.3.0", "POST /payment-sessions", "validation_error", "req_", "attempt #1", "field: currency"):
        assert part in bundle


@pytest.mark.parametrize(
    "secret",
    [
        "test_0000000000000000000000000000000HGh7u", "live_0000000000000000000000000000004DY1fB",
        "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "4012000033330026", "4012-0000-3333-0026",
        "000102030405060708090a0b0c0d0e0f:d3f7a093fc48ee25f0bedcbd8c3e209f:635df62d3c6fe5e5455f5a7790b9b712",
    ],
)  # fmt: skip
def test_secrets_are_scrubbed(secret: str) -> None:
    assert secret not in scrubbed(f"x {secret}, y") and "***" in scrubbed(secret)


@pytest.mark.parametrize("plain", ["01a20297-4dc0-74cd-9faf-fc8186734721", "req_01m819grrrewqt6ag60hkd4a3p", "250000", "ord_1001"])
def test_what_support_needs_is_not(plain: str) -> None:
    assert scrubbed(plain) == plain


def test_repr_of_a_client_and_of_a_request_show_no_key(server: Server) -> None:
    with server.client() as client:
        assert server.key not in repr(client) + repr(client.payments.list())


@pytest.mark.parametrize("mode", ["sync", "async"])
def test_a_decline_raises_only_if_wanted(mode: str) -> None:
    refused: Dict[str, Any] = {
        "data": {"status": "failed", "failure": {"code": "card_declined", "message": "The card was declined.", "retryable": False}},
        "money": {"outcome": "refused"},
    }
    stage = Stage(mode, Says(200, refused))
    assert stage.post().outcome == "refused"
    with pytest.raises(juicer.PaymentDeclined) as caught:
        stage.post(juicer.CallOptions(raise_on_decline=True))
    assert caught.value.failure is not None and caught.value.failure["code"] == "card_declined"
    assert caught.value.outcome == "refused" and "The card was declined." in str(caught.value)
    always = Stage(mode, Says(200, refused), raise_on_decline=True)
    with pytest.raises(juicer.PaymentDeclined):
        always.post()
    assert always.post(juicer.CallOptions(raise_on_decline=False)).outcome == "refused"
    assert always.get().outcome == "refused"  # a read declines nothing


def test_a_real_decline(server: Server, reference: str) -> None:
    with server.client(raise_on_decline=True) as client, pytest.raises(juicer.PaymentDeclined) as caught:
        captured(client, reference, POOR_CARD)
    assert caught.value.result.data["status"] == "failed"


@pytest.mark.parametrize(
    "data, outcome",
    [
        ({"status": "captured"}, "succeeded"), ({"status": "SUCCESS"}, "succeeded"), ({"status": "failed"}, "refused"),
        ({"status": "pending", "payment": {"status": "failed"}}, "refused"), ({"payment": {"status": "processing"}}, "pending"),
        ({"status": "active"}, None), ({"status": 7}, None), ({}, None), ([], None), ("x", None), (None, None),
    ],
)  # fmt: skip
def test_servers_without_money_are_understood_by_their_status(data: Any, outcome: Any) -> None:
    result = Stage("sync", Says(200, {"data": data})).post()
    assert result.outcome == outcome and result.succeeded() is (outcome == "succeeded")


def test_a_failure_is_found_in_the_nested_payment() -> None:
    result = Stage("sync", Says(200, {"data": {"failure": None, "payment": {"failure": {"code": "x"}}}})).post()
    assert result.failure == {"code": "x"}
    assert Stage("sync", paid()).post().failure is None


def test_other_servers_refusals_are_read(server: Server) -> None:
    assert error_of(Says(400, {"error": "Nope"})).message == "Nope"
    assert error_of(Says(400, {"message": "Bad amount", "errors": {"amount": ["too small"]}})).fields[0].field == "amount"
    assert error_of(Says(502, b"<html><title>Bad gateway</title></html>")).message == "Bad gateway"
    assert error_of(Says(418)).message == "The server answered 418."
    with server.client() as client, pytest.raises(juicer.ServerError) as caught:
        client.payments.list(options=fault("status=502", policy=juicer.Policy(transient_base_ms=1)))
    assert caught.value.status == 502 and len(caught.value.attempts) == 4
