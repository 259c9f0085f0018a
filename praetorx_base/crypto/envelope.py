"""The text form of one encrypted value: ``px1:<key id>:<base64url>``.

Why AES-256-GCM with a key id, and not ``MultiFernet``: Fernet names no key, so a
value whose key is gone can only be answered with "none of the keys fits", a rotation
cannot count what is left without decrypting everything, and nothing ties a token to
the column it was stored in. GCM has associated data: an envelope that is copied into
another field does not open there. The primitive is the one of ``cryptography``; this
module only frames it. The nonce is random and 96 bits long, which is good for 2^32
values under one key (NIST SP 800-38D, section 8.3); rotation starts a new count.

The length of the clear text can be told from the length of the envelope.
"""

import base64
import binascii
import os
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from .errors import BadEnvelope

VERSION = "px1"
KEY_ID_LENGTH = 12
NONCE_BYTES = 12
TAG_BYTES = 16

_SHAPE = re.compile(
    rf"{VERSION}:(?P<key_id>[0-9a-f]{{{KEY_ID_LENGTH}}}):(?P<payload>[A-Za-z0-9_-]+)"
)


@dataclass(frozen=True, slots=True)
class Envelope:
    """One encrypted value, taken apart.

    :param key_id: fingerprint of the key that sealed it, 12 hexadecimal digits
    :param nonce: 12 random bytes
    :param sealed: ciphertext followed by the 16 bytes of the authentication tag
    """

    key_id: str
    nonce: bytes
    sealed: bytes

    @classmethod
    def parse(cls, text: str) -> "Envelope":
        """Take an envelope apart, without opening it.

        :raise BadEnvelope: the text is no envelope, or is cut short
        """
        match = _SHAPE.fullmatch(text)
        if not match:
            raise BadEnvelope("this is not an encrypted value")
        key_id = match["key_id"]
        payload = _decode(match["payload"], key_id)
        if len(payload) < NONCE_BYTES + TAG_BYTES:
            raise BadEnvelope("the encrypted value is cut short", key_id)
        return cls(key_id, payload[:NONCE_BYTES], payload[NONCE_BYTES:])

    def __str__(self) -> str:
        payload = base64.urlsafe_b64encode(self.nonce + self.sealed)
        return f"{VERSION}:{self.key_id}:{payload.decode().rstrip('=')}"


def is_envelope(value: object) -> bool:
    """Tell whether a value claims to be an envelope, be it whole or damaged.

    Clear text from before the encryption does not; what was cut in the database does,
    and must not be taken for clear text.
    """
    return isinstance(value, str) and value.startswith(f"{VERSION}:")


def seal(material: bytes, key_id: str, clear_text: str, context: str) -> str:
    """Encrypt a text.

    :param material: the key, 32 bytes
    :param key_id: its fingerprint
    :param context: the place the value belongs to; it must be given again to open it
    :return: an envelope; the same text gives another envelope each time
    """
    nonce = os.urandom(NONCE_BYTES)
    data = clear_text.encode("utf-8", "surrogatepass")
    sealed = AESGCM(material).encrypt(nonce, data, _associated(key_id, context))
    return str(Envelope(key_id, nonce, sealed))


def unseal(material: bytes, envelope: Envelope, context: str) -> str:
    """Decrypt an envelope with the key that sealed it.

    :raise BadEnvelope: altered, sealed by another key, or taken from another place
    """
    associated = _associated(envelope.key_id, context)
    try:
        data = AESGCM(material).decrypt(envelope.nonce, envelope.sealed, associated)
    except InvalidTag:
        reason = "the encrypted value was altered or belongs to another field"
        # the cause is left out: it says nothing more
        raise BadEnvelope(reason, envelope.key_id) from None
    return data.decode("utf-8", "surrogatepass")


def _associated(key_id: str, context: str) -> bytes:
    return f"{VERSION}:{key_id}:{context}".encode()


def _decode(payload: str, key_id: str) -> bytes:
    """Read unpadded base64url, and only its one canonical spelling."""
    try:
        data = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    except (binascii.Error, ValueError):
        raise BadEnvelope("the encrypted value is cut short", key_id) from None
    if base64.urlsafe_b64encode(data).decode().rstrip("=") != payload:
        raise BadEnvelope("the encrypted value was altered", key_id)
    return data
