"""A payment taken, and a failure handled.

    export JUICER_BASE_URL=http://127.0.0.1:8080 JUICER_API_KEY=test_...
    python samples/quickstart.py
"""

import secrets

import juicer


def main() -> None:
    with juicer.Client() as client:
        pay(client, f"order-{secrets.token_hex(4)}", "4012000033330026")  # approved
        pay(client, f"order-{secrets.token_hex(4)}", "4000000000012015")  # insufficient funds


def pay(client: juicer.Client, reference: str, card_number: str) -> None:
    """Charges a card for an order of yours. ``reference`` is your name for it, once for ever."""
    try:
        session = client.payment_sessions.create(
            {
                "amount": 250_000,  # in kobo: 2,500 naira
                "currency": "NGN",
                "reference": reference,
                "description": "Term fee",
                "payment_method": {"type": "card"},
                "customer": {
                    "first_name": "Ada",
                    "last_name": "Obi",
                    "email": "ada@example.com",
                    "phone_number": "+2348031234567",
                    "billing_address": {"line1": "5 Marina Road", "city": "Lagos", "zip_code": "100001", "country": "NG"},
                },
                "order": {"identifier": "INV-7", "items": [{"name": "Term fee", "type": "service"}]},
            }
        )
        card = client.cards.encrypt(number=card_number, cvv="100", expiry_month=1, expiry_year=2039)
        result = client.payment_sessions.capture(session.data["id"], {"card": card})
    except juicer.JuicerError as error:
        # Whatever went wrong, one question matters first: did money move?
        print(f"{reference}: {error.outcome}: {error}")
        return

    # A declined card is an answer like any other: status 200, and it did not succeed.
    if result.succeeded():
        print(f"{reference}: paid")
    elif result.failure:
        print(f"{reference}: not paid: {result.failure['message']} ({result.failure['code']})")
    else:
        print(f"{reference}: {result.outcome}: the bank is still at it")


if __name__ == "__main__":
    main()
