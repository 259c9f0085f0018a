"""For addons that put an encrypted field over a stock one, or encrypt a parameter.

Values from before the installation are encrypted, and the stock addon can read them
again after the uninstallation::

    from odoo.addons.praetorx_base import hooks as encryption

    def post_init_hook(env):
        encryption.encrypt_existing(env, "res.users", "some_token")
        encryption.encrypt_parameters(env, "some_addon.client_secret")

    def uninstall_hook(env):
        encryption.decrypt_existing(env, "res.users", "some_token")
        encryption.decrypt_parameters(env, "some_addon.client_secret")

A field that becomes encrypted in a later version needs the same in a migration. All of
them work in the caller's transaction, and can be repeated.
"""

from odoo.api import Environment

from . import sealing
from .crypto.envelope import VERSION
from .crypto.errors import CryptoError
from .places import PARAMETER_MODEL, Place, Row, all_places, warn_of_unreadable


def encrypt_existing(env: Environment, model_name: str, field_name: str) -> int:
    """Encrypt the values of an encrypted field that are still in clear.

    :return: how many
    :raise UnusableKeys: there is no key to encrypt with
    """
    return _encrypt(env, Place.of_field(env, model_name, field_name))


def tie_existing_to_rows(env: Environment) -> int:
    """Tie the envelopes of older versions to their rows, in all encrypted fields.

    For the upgrade, and for an administrator who has found a lost key again. Nothing
    else opens such envelopes: they would open in any row of their column. Values that
    cannot be decrypted stay as they are, and are logged.

    :return: how many were changed
    :raise UnusableKeys: there is no key to encrypt with
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
    """Store the values of an encrypted field in clear again.

    Those that cannot be decrypted stay as they are, and are logged by their ids.

    :return: how many were decrypted
    """
    return _decrypt(env, Place.of_field(env, model_name, field_name))


def encrypt_parameters(env: Environment, *keys: str) -> int:
    """Encrypt configuration parameters that are still in clear.

    :param keys: they should be among ``_praetorx_encrypted_keys()``
    :return: how many; parameters that do not exist do not count
    :raise UnusableKeys: there is no key to encrypt with
    """
    count = _encrypt(env, Place.of_parameters(frozenset(keys)))
    env.registry.clear_cache("stable")
    return count


def decrypt_parameters(env: Environment, *keys: str) -> int:
    """Store configuration parameters in clear again; see :func:`decrypt_existing`."""
    count = _decrypt(env, Place.of_parameters(frozenset(keys)))
    env.registry.clear_cache("stable")
    return count


def post_init_hook(env: Environment) -> None:
    """Encrypt what the addons that are loaded already have declared."""
    encrypt_parameters(env, *env[PARAMETER_MODEL]._praetorx_encrypted_keys())


def uninstall_hook(env: Environment) -> None:
    """Leave no parameter behind that nobody could read any more."""
    sealed = env[PARAMETER_MODEL].sudo().search([("value", "=like", f"{VERSION}:%")])
    decrypt_parameters(env, *sealed.mapped("key"))
    forget_parameters(env, "praetorx_base.rotation_")


def forget_parameters(env: Environment, beginning: str) -> None:
    """Remove settings of an addon that is uninstalled: nobody reads them any more.

    :param beginning: of their keys
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
