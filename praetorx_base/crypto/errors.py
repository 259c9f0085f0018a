"""What can go wrong with keys and envelopes, named for the remedy.

No message of these errors holds key material, clear text or ciphertext: key ids and
places (a file, a position in a list) are all that a log may show.
"""


class CryptoError(Exception):
    """Base of all errors of this package."""


class InvalidKey(CryptoError):
    """The configured keys cannot be used: correct the configuration."""


class BadEnvelope(CryptoError):
    """The stored text was cut, altered, or belongs elsewhere: restore the value.

    :param reason: what is wrong, without the text itself
    :param key_id: the key the envelope names, where it could be read
    """

    def __init__(self, reason: str, key_id: str | None = None) -> None:
        super().__init__(f"{reason} (key id {key_id})" if key_id else reason)
        self.reason = reason
        self.key_id = key_id


class UnknownKey(CryptoError):
    """The envelope names a key that is not configured: add that key again.

    :param key_id: the key the envelope names
    """

    def __init__(self, key_id: str) -> None:
        super().__init__(f"the encryption key with id {key_id} is not configured")
        self.key_id = key_id
