"""Errors that a user may see; their texts hold key ids and names, never values."""

from odoo.exceptions import UserError


class UnreadableSecret(UserError):
    """A stored value cannot be decrypted. It is kept: add the key, and read again.

    :param message: translated, for people
    :param key_id: the key that the stored value names, where it could be read
    """

    def __init__(self, message: str, key_id: str | None = None) -> None:
        super().__init__(message)
        self.key_id = key_id


class UnusableKeys(UserError):
    """There is no key to encrypt with: correct the configuration."""


class EncryptedFieldMisuse(UserError, ValueError):
    """The clear text of an encrypted field was to be compared, sorted or exported.

    Also a ``ValueError``: this is what the ORM expects of a field that cannot be
    grouped or ordered by, when it describes the fields of a model.
    """
