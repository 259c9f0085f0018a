"""Encrypt and decrypt with the keys of this process; errors get texts for users."""

import functools
import os
from pathlib import Path

from odoo.api import Environment
from odoo.tools import config

from .crypto.errors import BadEnvelope, CryptoError, InvalidKey, UnknownKey
from .crypto.keyring import Keyring
from .crypto.keysource import KeySource
from .exceptions import UnreadableSecret, UnusableKeys

# With this key in the context, a note replaces a value that cannot be decrypted. So the
# form opens, and its other fields can be edited. Only methods of the web client set it.
UNREADABLE_CONTEXT_KEY = "praetorx_note_if_unreadable"

# Clients see this instead of a secret. A form that was saved without a new secret
# sends it back. Then the stored secret stays.
MASK = "\u2022" * 12

# Each note begins with this. A form that was saved without a new secret sends the note
# back. Then the stored secret stays. Nobody types the invisible U+2060. Only the table
# of the settings stores notes, since it keeps all values of the form.
UNREADABLE_MARK = "\u26a0\u2060 "


@functools.cache
def _key_source(data_dir: str) -> KeySource:
    return KeySource(os.environ, Path(data_dir, "praetorx_base", "encryption.keys"))


def key_source() -> KeySource:
    """Return the source of the keys of this process.

    Without configuration, all databases of a data directory share one key file. So a
    copy of a database can decrypt the values of its original.
    """
    return _key_source(config["data_dir"])


def keyring() -> Keyring:
    """Return the current key ring.

    :raise InvalidKey: no usable key is configured
    """
    return key_source().keyring()


def require_keyring(env: Environment) -> Keyring:
    """Return the current key ring for encryption; the error has a text for users.

    :raise UnusableKeys: no usable key is configured
    """
    try:
        return keyring()
    except InvalidKey as error:
        raise UnusableKeys(
            env._(
                "Nothing can be encrypted, so nothing was saved: %(reason)s.",
                reason=error,
            )
        ) from None


def seal(env: Environment, clear_text: str, context: str) -> str:
    """Encrypt a text with the newest key.

    :param context: the place of the value, for example ``model.field``
    :raise UnusableKeys: no usable key is configured
    """
    return require_keyring(env).encrypt(clear_text, context)


def unseal(env: Environment, text: str, context: str) -> str:
    """Decrypt an envelope.

    :param context: the place of the value, the same as at encryption
    :raise UnreadableSecret: the key is missing, the value is damaged, or no key is
        configured
    """
    try:
        return keyring().decrypt(text, context)
    except CryptoError as error:
        raise UnreadableSecret(
            env._(
                "The encrypted value of %(place)s cannot be read: %(reason)s. "
                "It is kept as it is.",
                place=context,
                reason=_reason(env, error),
            ),
            getattr(error, "key_id", None),
        ) from None


def unseal_or_message(env: Environment, text: str, context: str) -> str:
    """Decrypt; with ``UNREADABLE_CONTEXT_KEY``, return a message if that fails.

    The note contains the reason.

    :raise UnreadableSecret: as :func:`unseal`, unless ``UNREADABLE_CONTEXT_KEY`` is set
    """
    try:
        return unseal(env, text, context)
    except UnreadableSecret as error:
        if env.context.get(UNREADABLE_CONTEXT_KEY):
            return f"{UNREADABLE_MARK}{error}"
        raise


def is_unreadable_message(value: object) -> bool:
    """Return True if a value is a note of :func:`unseal_or_message`, sent by a form."""
    return isinstance(value, str) and value.startswith(UNREADABLE_MARK)


def is_placeholder(value: object) -> bool:
    """Return True if a value is a mask or a note: a client gets one, not the secret."""
    return value == MASK or is_unreadable_message(value)


def masked(value: str | bool | None) -> str | bool | None:
    """Return the value for a client: a mask if there is a secret, or a note."""
    return MASK if value and not is_unreadable_message(value) else value


def _reason(env: Environment, error: CryptoError) -> str:
    if isinstance(error, UnknownKey):
        return env._(
            "the encryption key with id %(key_id)s is not configured; add it to "
            "%(keys)s",
            key_id=error.key_id,
            keys=key_source().place,
        )
    if isinstance(error, BadEnvelope) and not error.key_id:
        return env._("it was altered or cut, and no longer names its key")
    if isinstance(error, BadEnvelope):
        return env._(
            "it was altered, cut, or copied from elsewhere (key id %(key_id)s)",
            key_id=error.key_id,
        )
    return str(error)
