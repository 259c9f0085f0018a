from odoo import api, models

from .. import sealing
from ..crypto.envelope import is_envelope
from ..exceptions import UnreadableSecret
from ..places import parameter_context


class IrConfigParameter(models.Model):
    """Encrypt the values of secret parameters: envelopes in the table, clear in code.

    ``get_param`` returns clear text to the superuser, and dots to anybody else.
    ``set_param`` takes clear text. The field ``value`` is the envelope; administrators
    see it in the list of parameters. A new value that is entered there is encrypted.
    """

    _inherit = "ir.config_parameter"

    @api.model
    def _praetorx_encrypted_keys(self) -> frozenset[str]:
        """Return the keys of parameters to encrypt; addons add their own to super's."""
        return frozenset()

    @api.model
    def _get_param(self, key):
        # Decrypt outside of the cache of super(): the cache must hold no clear text,
        # and this result depends on the configured keys.
        return self._praetorx_in_clear(key, super()._get_param(key))

    @api.model
    def get_param(self, key, default=False):
        value = super().get_param(key, default)
        return self._praetorx_for_clients(key, value)

    @api.model
    def _praetorx_for_clients(self, key, value):
        """Mask a secret, but not for the superuser: a client is never the superuser."""
        is_open = self.env.su or key not in self._praetorx_encrypted_keys()
        return value if is_open else sealing.masked(value)

    @api.model
    def _praetorx_current_param(self, key):
        """Return a parameter in clear text, read from the table; False if missing.

        For crons that run for a long time. ``get_param`` reads from the cache of the
        process, and that gets changes only when the next cron begins.

        :raise AccessError: the user may not read parameters
        """
        return self._praetorx_in_clear(key, self.search([("key", "=", key)]).value)

    @api.model
    def _praetorx_in_clear(self, key, value):
        if not is_envelope(value):
            return value
        try:
            return sealing.unseal_or_message(self.env, value, parameter_context(key))
        except UnreadableSecret:
            if key in self._praetorx_encrypted_keys():
                raise
            return value  # not one of our secrets, only a text that looks like one

    @api.model
    def set_param(self, key, value):
        """Set a parameter, encrypted if its key requires that.

        :raise UnusableKeys: the value must be encrypted, but there is no usable key
        """
        if key not in self._praetorx_encrypted_keys():
            return super().set_param(key, value)
        self.browse().check_access("read")
        try:
            previous = self._get_param(key) or False
        except UnreadableSecret:
            previous = False
        unchanged = value not in (False, None) and str(value) == previous
        if not unchanged and not sealing.is_placeholder(value):
            super().set_param(key, value)
        return self._praetorx_for_clients(key, previous)

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(
            [
                {**vals, "value": self._sealed_value(vals.get("key"), vals["value"])}
                if vals.get("value")
                else vals
                for vals in vals_list
            ]
        )

    def write(self, vals):
        if not vals.keys() & {"key", "value"}:
            return super().write(vals)
        # one by one: each value is tied to its own key
        for param in self:
            key = vals.get("key", param.key)
            value = vals.get("value", param.value)
            is_sent_back = is_envelope(value) and value == param.value
            if is_sent_back and key != param.key:
                value = self._praetorx_in_clear(param.key, value)
            if not is_sent_back or key != param.key:
                value = self._sealed_value(key, value)
            super(IrConfigParameter, param).write({**vals, "value": value})
        return True

    @api.model
    def _sealed_value(self, key, value):
        """Return the value to store: encrypted if its key requires that.

        Only an envelope that can be decrypted for this key stays as it is. A text that
        merely looks like an envelope is encrypted: it could not be read otherwise.
        """
        if not value or key not in self._praetorx_encrypted_keys():
            return value
        if is_envelope(value) and self._praetorx_opens(key, value):
            return value
        return sealing.seal(self.env, str(value), parameter_context(key))

    @api.model
    def _praetorx_opens(self, key, envelope):
        try:
            return bool(sealing.unseal(self.env, envelope, parameter_context(key)))
        except UnreadableSecret:
            return False
