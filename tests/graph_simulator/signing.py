"""Sign id tokens, and publish the key that checks them (RFC 7515, 7517)."""

from __future__ import annotations

import base64
import json
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

KEY_ID = "simulator-1"


class SigningKey:
    """The RSA key of one run; it is made when the first token is signed."""

    def sign(self, claims: dict[str, Any]) -> str:
        """Return claims as a signed JSON web token."""
        head = _json({"typ": "JWT", "alg": "RS256", "kid": KEY_ID})
        signed = f"{head}.{_json(claims)}"
        signature = self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{signed}.{_text(signature)}"

    def public_keys(self) -> dict[str, Any]:
        """Return the key set; the discovery document has its URL."""
        numbers = self._key.public_key().public_numbers()
        key = {
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": KEY_ID,
            "n": _number(numbers.n),
            "e": _number(numbers.e),
        }
        return {"keys": [key]}

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _json(value: dict[str, Any]) -> str:
    return _text(json.dumps(value, separators=(",", ":")).encode())


def _number(value: int) -> str:
    return _text(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
