"""Helpers for addons that encrypt a stock field or a parameter.

They encrypt existing values at the installation, and decrypt them at the
uninstallation, so that the stock addon can read them::

    from odoo.addons.praetorx_base import hooks as encryption

    def post_init_hook(env):
        encryption.encrypt_existing(env, "res.users", "some_token")
        encryption.encrypt_parameters(env, "some_addon.client_secret")

    def uninstall_hook(env):
        encryption.decrypt_existing(env, "res.users", "some_token")
        encryption.decrypt_parameters(env, "some_addon.client_secret")

A field that becomes encrypted in a later version needs the same in a migration. All
these functions work in the transaction of the caller, and can be repeated.
"""

from odoo.api import Environment

from . import sealing
from .crypto.envelope import VERSION
from .crypto.errors import CryptoError
from .places import PARAMETER_MODEL, Place, Row, all_places, warn_of_unreadable


def encrypt_existing(env: Environment, model_name: str, field_name: str) -> int:
    """Encrypt the values of an encrypted field that are still in clear text.

    :return: number of encrypted values
    :raise UnusableKeys: there is no usable key
    """
    return _encrypt(env, Place.of_field(env, model_name, field_name))


def tie_existing_to_rows(env: Environment) -> int:
    """Tie the envelopes of older versions to their rows, in all encrypted fields.

    The upgrade uses it, and an administrator after a lost key was found. All other code
    refuses such envelopes, because they could be opened in any row of their column.
    Values that cannot be decrypted stay as they are, and are logged.

    :return: number of changed values
    :raise UnusableKeys: there is no usable key
    """
    ring = sealing.require_keyring(env)
    count = 0
    for place in all_places(env):
        unreadable = []

        def tied(row: Row, unreadable=unreadable) -> str | None:
            try:
                new = ring.rotate(row.text, row.context, row.former)
            except CryptoError as error:
                unreadable.append((row.id, str(error)))
                return None
            return new if new != row.text else None

        count += sum(place.convert(env, place.sealed, tied, skip_locked=False))
        warn_of_unreadable(place, unreadable)
    return count


def decrypt_existing(env: Environment, model_name: str, field_name: str) -> int:
    """Store the values of an encrypted field in clear text again.

    Values that cannot be decrypted stay as they are. Their ids are logged.

    :return: number of decrypted values
    """
    return _decrypt(env, Place.of_field(env, model_name, field_name))


def encrypt_parameters(env: Environment, *keys: str) -> int:
    """Encrypt configuration parameters that are still in clear text.

    :param keys: each should be in ``_praetorx_encrypted_keys()``
    :return: number of encrypted values; missing parameters do not count
    :raise UnusableKeys: there is no usable key
    """
    count = _encrypt(env, Place.of_parameters(frozenset(keys)))
    env.registry.clear_cache("stable")
    return count


def decrypt_parameters(env: Environment, *keys: str) -> int:
    """Store parameters in clear text again; see :func:`decrypt_existing`."""
    count = _decrypt(env, Place.of_parameters(frozenset(keys)))
    env.registry.clear_cache("stable")
    return count


def post_init_hook(env: Environment) -> None:
    """Encrypt the parameters that already loaded addons have declared."""
    encrypt_parameters(env, *env[PARAMETER_MODEL]._praetorx_encrypted_keys())


def uninstall_hook(env: Environment) -> None:
    """Decrypt all parameters: without this addon no code could read them."""
    sealed = env[PARAMETER_MODEL].sudo().search([("value", "=like", f"{VERSION}:%")])
    decrypt_parameters(env, *sealed.mapped("key"))
    forget_parameters(env, "praetorx_base.rotation_")


def forget_parameters(env: Environment, beginning: str) -> None:
    """Remove the parameters of an addon that is uninstalled.

    :param beginning: the beginning of their keys
    """
    mine = [("key", "=like", f"{beginning}%")]
    env[PARAMETER_MODEL].sudo().search(mine).unlink()


def _encrypt(env: Environment, place: Place) -> int:
    ring = sealing.require_keyring(env)

    def envelope(row: Row) -> str:
        return ring.encrypt(row.text, row.context)

    return sum(place.convert(env, place.in_clear, envelope, skip_locked=False))


def _decrypt(env: Environment, place: Place) -> int:
    unreadable = []

    def clear_text(row: Row) -> str | None:
        try:
            return sealing.keyring().decrypt(row.text, row.context)
        except CryptoError as error:
            unreadable.append((row.id, str(error)))
            return None

    count = sum(place.convert(env, place.sealed, clear_text, skip_locked=False))
    warn_of_unreadable(place, unreadable)
    return count
