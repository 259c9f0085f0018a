"""Errors of keys and envelopes. Each class stands for one remedy.

No message contains key material, clear text or ciphertext. A log may show only key ids
and places (a file, a position in a list).
"""


class CryptoError(Exception):
    """Base class of all errors of this package."""


class InvalidKey(CryptoError):
    """The configured keys cannot be used: correct the configuration."""


class BadEnvelope(CryptoError):
    """The stored text is cut, altered, or from another place: restore the value.

    :param reason: the problem, without the text itself
    :param key_id: the key id in the envelope, None if it cannot be read
    """

    def __init__(self, reason: str, key_id: str | None = None) -> None:
        super().__init__(f"{reason} (key id {key_id})" if key_id else reason)
        self.reason = reason
        self.key_id = key_id


class UnknownKey(CryptoError):
    """The key of the envelope is not configured: add that key again.

    :param key_id: the key id in the envelope
    """

    def __init__(self, key_id: str) -> None:
        super().__init__(f"the encryption key with id {key_id} is not configured")
        self.key_id = key_id
