"""One real payment, from the session to the refund."""

from __future__ import annotations

from .server import POOR_CARD, Server, captured, fault, session


def test_a_payment_is_taken(server: Server, reference: str) -> None:
    with server.client() as client:
        result = captured(client, reference)
        assert result.succeeded() and result.outcome == "succeeded"
        assert result.failure is None and result.request_id.startswith("req_")
        assert client.payments.get(reference).data["status"] == "succeeded"


def test_a_declined_card_is_a_200_that_did_not_succeed(server: Server, reference: str) -> None:
    with server.client() as client:
        result = captured(client, reference, POOR_CARD)
        assert result.raw.status == 200 and not result.succeeded()
        assert result.outcome == "refused"
        assert result.failure is not None and result.failure["code"] == "insufficient_funds"


def test_a_lost_answer_is_asked_for_again_with_the_same_key(server: Server, reference: str) -> None:
    with server.client() as client:
        started = client.payment_sessions.create(session(reference), fault("drop=after-commit;times=2"))
        assert [attempt.cause for attempt in started.attempts] == ["reset", "reset", None]
        assert started.replayed
        assert len(client.payments.list({"references": reference}).data) == 1
