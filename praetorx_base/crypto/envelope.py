"""Read and write envelopes: one encrypted value as ``px1:<key id>:<base64url>``.

We use AES-256-GCM with a key id and not ``MultiFernet``, for three reasons:

- A Fernet token does not name its key. If the key is missing, the error can only say
  that no key fits.
- A rotation could not count the remaining values without decrypting all of them.
- A Fernet token is not tied to its column. GCM has associated data: an envelope that is
  copied into another field cannot be opened there.

The cipher itself comes from ``cryptography``. The nonce is random and has 96 bits. That
is enough for 2^32 values under one key (NIST SP 800-38D, section 8.3). With a new key,
this count starts again.

The length of an envelope shows the length of its clear text.
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
    """The parts of one encrypted value.

    :param key_id: fingerprint of the key that encrypted it, 12 hexadecimal digits
    :param nonce: 12 random bytes
    :param sealed: ciphertext followed by the 16 bytes of the authentication tag
    """

    key_id: str
    nonce: bytes
    sealed: bytes

    @classmethod
    def parse(cls, text: str) -> "Envelope":
        """Split an envelope into its parts, without decrypting it.

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
    """Return True if a value begins like an envelope, even if it is damaged.

    A damaged envelope must not count as clear text.
    """
    return isinstance(value, str) and value.startswith(f"{VERSION}:")


def seal(material: bytes, key_id: str, clear_text: str, context: str) -> str:
    """Encrypt a text.

    :param material: the key, 32 bytes
    :param key_id: its fingerprint
    :param context: the place of the value; the same one is needed to decrypt it
    :return: an envelope; each call gives another one, even for the same text
    """
    nonce = os.urandom(NONCE_BYTES)
    data = clear_text.encode("utf-8", "surrogatepass")
    sealed = AESGCM(material).encrypt(nonce, data, _associated(key_id, context))
    return str(Envelope(key_id, nonce, sealed))


def unseal(material: bytes, envelope: Envelope, context: str) -> str:
    """Decrypt an envelope with the key that encrypted it.

    :raise BadEnvelope: it was altered, encrypted with another key, or comes from
        another place
    """
    associated = _associated(envelope.key_id, context)
    try:
        data = AESGCM(material).decrypt(envelope.nonce, envelope.sealed, associated)
    except InvalidTag:
        reason = "the encrypted value was altered or belongs to another field"
        # the cause is left out: it adds no information
        raise BadEnvelope(reason, envelope.key_id) from None
    return data.decode("utf-8", "surrogatepass")


def _associated(key_id: str, context: str) -> bytes:
    return f"{VERSION}:{key_id}:{context}".encode()


def _decode(payload: str, key_id: str) -> bytes:
    """Decode base64url without padding; only the canonical spelling is accepted."""
    try:
        data = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    except (binascii.Error, ValueError):
        raise BadEnvelope("the encrypted value is cut short", key_id) from None
    if base64.urlsafe_b64encode(data).decode().rstrip("=") != payload:
        raise BadEnvelope("the encrypted value was altered", key_id)
    return data
