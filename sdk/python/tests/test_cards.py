"""The vectors of card encryption, and the extra that it needs."""

from __future__ import annotations

import json
import sys
from typing import Any, Dict

import pytest

from juicer import cards
from juicer.extras import MissingExtra

from .test_vectors import REPOSITORY

VECTORS: Dict[str, Any] = json.loads((REPOSITORY / "spec/vectors/card-encryption.json").read_text("utf-8"))


@pytest.mark.parametrize("case", VECTORS["vectors"], ids=[case["name"] for case in VECTORS["vectors"]])
def test_vectors(case: Dict[str, Any]) -> None:
    made = cards.encrypt(case["plaintext"], case["key"], bytes.fromhex(case["iv"]))
    assert made == case["encrypted"].lower()


def test_every_encryption_has_an_iv_of_its_own() -> None:
    key = VECTORS["vectors"][0]["key"]
    made = {cards.encrypt("100", key) for _ in range(20)}
    assert len({text.split(":")[0] for text in made}) == 20


@pytest.mark.parametrize("key, iv", [("short", None), ("0" * 33, None), ("0" * 32, b"1")])
def test_wrong_lengths_are_refused(key: str, iv: Any) -> None:
    with pytest.raises(ValueError, match="32 characters and the iv 16 bytes"):
        cards.encrypt("100", key, iv)


def test_a_card_carries_its_name() -> None:
    card = cards.encrypted_card("0" * 32, "4012000033330026", "100", 1, 2039, "Ada Obi")
    assert card["name"] == "Ada Obi" and card["expiry_year"] == 2039
    assert "4012000033330026" not in repr(card)


def test_without_the_extra_the_error_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.ciphers.aead", None)
    with pytest.raises(MissingExtra, match=r"pip install 'juicer-pay\[cards\]'"):
        cards.encrypt("100", "0" * 32)
