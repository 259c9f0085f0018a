"""Hold several keys: the newest one encrypts, each of them decrypts."""

import base64
import binascii
import hashlib
import os
import re
from collections.abc import Iterable

from . import envelope
from .envelope import Envelope
from .errors import BadEnvelope, InvalidKey, UnknownKey

KEY_BYTES = 32

# 32 random bytes have fewer different values than this once in 10^20 times. A text with
# fewer is a placeholder from an example file, or a repeated word.
_FEWEST_DIFFERENT_BYTES = 16


class Key:
    """One AES-256 key and its fingerprint; ``repr`` shows only the fingerprint."""

    __slots__ = ("_material", "id")

    def __init__(self, material: bytes) -> None:
        """:raise InvalidKey: the key has not 32 bytes, or is clearly not random"""
        if len(material) != KEY_BYTES:
            raise InvalidKey(f"a key has {KEY_BYTES} bytes, this one {len(material)}")
        if len(set(material)) < _FEWEST_DIFFERENT_BYTES:
            raise InvalidKey("a key must be random, this one is not")
        self._material = material
        digest = hashlib.sha256(b"praetorx key id\0" + material).hexdigest()
        self.id = digest[: envelope.KEY_ID_LENGTH]

    @classmethod
    def parse(cls, text: str) -> "Key":
        """Read a key of 32 bytes in base64, plain or URL-safe, with or without padding.

        :raise InvalidKey: the text is anything else; the message never contains it
        """
        spelled = text.strip().rstrip("=").replace("+", "-").replace("/", "_")
        try:
            if not re.fullmatch(r"[A-Za-z0-9_-]+", spelled):
                raise ValueError
            material = base64.urlsafe_b64decode(spelled + "=" * (-len(spelled) % 4))
        except (binascii.Error, ValueError):
            raise InvalidKey("a key is written in base64, this one is not") from None
        return cls(material)

    def encrypt(self, clear_text: str, context: str) -> str:
        """Encrypt a text for one place; see :func:`envelope.seal`."""
        return envelope.seal(self._material, self.id, clear_text, context)

    def decrypt(self, sealed: Envelope, context: str) -> str:
        """Decrypt an envelope of this key; see :func:`envelope.unseal`."""
        return envelope.unseal(self._material, sealed, context)

    def __repr__(self) -> str:
        return f"<Key {self.id}>"


class Keyring:
    """Keys in order, the newest first. A key ring never changes."""

    def __init__(self, keys: Iterable[Key]) -> None:
        """:raise InvalidKey: there is no key"""
        self._keys = {key.id: key for key in keys}
        if not self._keys:
            raise InvalidKey("no key is given")

    @classmethod
    def parse(cls, text: str) -> "Keyring":
        """Read keys, newest first, separated by commas or line ends.

        ``#`` starts a comment up to the end of the line.

        :raise InvalidKey: there is no key, or a key is invalid; the message has its
            position
        """
        uncommented = re.sub(r"#[^\n]*", "", text)
        spelled = [part for part in re.split(r"[,\s]+", uncommented) if part]
        keys = []
        for position, part in enumerate(spelled, start=1):
            try:
                keys.append(Key.parse(part))
            except InvalidKey as error:
                place = f"key {position} of {len(spelled)}"
                raise InvalidKey(f"{place}: {error}") from None
        return cls(keys)

    @property
    def newest(self) -> Key:
        """Return the key that encrypts."""
        return next(iter(self._keys.values()))

    @property
    def key_ids(self) -> tuple[str, ...]:
        """Return the fingerprints, newest first."""
        return tuple(self._keys)

    def encrypt(self, clear_text: str, context: str) -> str:
        """Encrypt a text with the newest key.

        :param context: the place of the value, for example ``model.field``
        """
        return self.newest.encrypt(clear_text, context)

    def decrypt(self, text: str, context: str, former: str | None = None) -> str:
        """Decrypt an envelope with the key that it names.

        :param former: the name of the same place in older versions
        :raise UnknownKey: that key is not in this ring
        :raise BadEnvelope: no envelope, cut, altered, or from another place
        """
        sealed = Envelope.parse(text)
        key = self._keys.get(sealed.key_id)
        if key is None:
            raise UnknownKey(sealed.key_id)
        try:
            return key.decrypt(sealed, context)
        except BadEnvelope:
            if former is None:
                raise
            return key.decrypt(sealed, former)

    def rotate(self, text: str, context: str, former: str | None = None) -> str:
        """Seal again with the newest key, and for the place as it is called now.

        :param former: as for :meth:`decrypt`
        :return: a new envelope, or the same text if nothing would change
        :raise UnknownKey: as :meth:`decrypt`
        :raise BadEnvelope: as :meth:`decrypt`
        """
        if Envelope.parse(text).key_id == self.newest.id:
            try:
                self.decrypt(text, context)
            except BadEnvelope:
                if former is None:
                    raise
            else:
                return text
        return self.encrypt(self.decrypt(text, context, former), context)

    def __repr__(self) -> str:
        return f"<Keyring {', '.join(self._keys)}>"


def generate_key() -> str:
    """Return a new key as text; :meth:`Keyring.parse` reads it."""
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()
