"""Errors that a user may see. Their texts have key ids and names, never values."""

from odoo.exceptions import UserError


class UnreadableSecret(UserError):
    """A stored value cannot be decrypted. It is kept: add its key, and read it again.

    :param message: translated, for users
    :param key_id: the key id in the stored value, None if it cannot be read
    """

    def __init__(self, message: str, key_id: str | None = None) -> None:
        super().__init__(message)
        self.key_id = key_id


class UnusableKeys(UserError):
    """There is no usable key to encrypt with: correct the configuration."""


class EncryptedFieldMisuse(UserError, ValueError):
    """An encrypted field cannot be compared, sorted, grouped or exported.

    It is also a ``ValueError``. When the ORM describes the fields of a model, it
    expects this error from a field that cannot be grouped or sorted.
    """
