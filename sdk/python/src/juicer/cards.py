"""Encrypting card fields, so that nobody between you and the server can read them.

Needs the extra ``juicer-pay[cards]`` (the package ``cryptography``).
"""

from __future__ import annotations

import secrets
from typing import Any, Final, Optional

from . import models as m
from .extras import MissingExtra
from .resources import AsyncPaymentSessions, PaymentSessions

KEY_BYTES: Final = 32
IV_BYTES: Final = 16
_TAG_BYTES: Final = 16


def encrypt(plaintext: str, encryption_key: str, iv: Optional[bytes] = None) -> str:
    """``hex(iv):hex(ciphertext):hex(tag)`` by AES-256-GCM.

    ``encryption_key`` is what ``GET /payment-sessions/encryption-keys/{mode}`` gives: its 32
    characters are the key. ``iv`` is for tests only; it is random otherwise. Raises
    ValueError for a key or an iv of another length, and MissingExtra without the extra.
    """
    key = encryption_key.encode("ascii")
    iv = secrets.token_bytes(IV_BYTES) if iv is None else iv
    if len(key) != KEY_BYTES or len(iv) != IV_BYTES:
        raise ValueError(f"the encryption key has {KEY_BYTES} characters and the iv {IV_BYTES} bytes")
    sealed = _aes_gcm(key).encrypt(iv, plaintext.encode("utf-8"), None)
    return ":".join(part.hex() for part in (iv, sealed[:-_TAG_BYTES], sealed[-_TAG_BYTES:]))


def encrypted_card(
    encryption_key: str, number: str, cvv: str, expiry_month: int, expiry_year: int, name: Optional[str] = None
) -> m.CaptureCard:
    """The ``card`` of a capture, number and CVV encrypted each on its own."""
    card: m.CaptureCard = {
        "card_number": encrypt(number, encryption_key),
        "cvv": encrypt(cvv, encryption_key),
        "expiry_month": expiry_month,
        "expiry_year": expiry_year,
    }
    if name is not None:
        card["name"] = name
    return card


class Cards:
    """``client.cards``."""

    def __init__(self, sessions: PaymentSessions, mode: str) -> None:
        self._sessions = sessions
        self._mode = mode

    def encrypt(
        self, *, number: str, cvv: str, expiry_month: int, expiry_year: int, name: Optional[str] = None
    ) -> m.CaptureCard:
        """The ``card`` of a capture, encrypted with the server's key. Needs ``juicer-pay[cards]``."""
        key = self._sessions.encryption_key(self._mode).data["encryption_key"]
        return encrypted_card(key, number, cvv, expiry_month, expiry_year, name)


class AsyncCards:
    """``client.cards`` of an :class:`AsyncClient`."""

    def __init__(self, sessions: AsyncPaymentSessions, mode: str) -> None:
        self._sessions = sessions
        self._mode = mode

    async def encrypt(
        self, *, number: str, cvv: str, expiry_month: int, expiry_year: int, name: Optional[str] = None
    ) -> m.CaptureCard:
        """The ``card`` of a capture, encrypted with the server's key. Needs ``juicer-pay[cards]``."""
        key = (await self._sessions.encryption_key(self._mode)).data["encryption_key"]
        return encrypted_card(key, number, cvv, expiry_month, expiry_year, name)


def _aes_gcm(key: bytes) -> Any:
    try:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    except ImportError as why:
        raise MissingExtra("cards", "cryptography") from why
    return AESGCM(key)
