from odoo import api, models

from .. import sealing
from ..crypto.envelope import is_envelope
from ..exceptions import UnreadableSecret
from ..places import parameter_context


class IrConfigParameter(models.Model):
    """Parameters whose values are secrets: envelopes in the table, clear in the code.

    ``get_param`` gives clear text to the superuser, and dots to anybody else;
    ``set_param`` takes clear text. The field ``value``, and with it the list of
    parameters for administrators, shows the envelope; a new value that is entered there
    is encrypted.
    """

    _inherit = "ir.config_parameter"

    @api.model
    def _praetorx_encrypted_keys(self) -> frozenset[str]:
        """Keys of the parameters to encrypt; addons add theirs to what super gives."""
        return frozenset()

    @api.model
    def _get_param(self, key):
        # outside of the cache of super(): that one is to hold no clear text, and this
        # result changes with the configured keys
        return self._praetorx_in_clear(key, super()._get_param(key))

    @api.model
    def get_param(self, key, default=False):
        value = super().get_param(key, default)
        return self._praetorx_for_clients(key, value)

    @api.model
    def _praetorx_for_clients(self, key, value):
        """Mask a secret unless the superuser asks: no client ever is."""
        is_open = self.env.su or key not in self._praetorx_encrypted_keys()
        return value if is_open else sealing.masked(value)

    @api.model
    def _praetorx_current_param(self, key):
        """Return a parameter in clear as the table has it; False if there is none.

        For crons that run for long: ``get_param`` takes parameters from the cache of
        the process, which learns of changes only when the next cron begins.

        :raise AccessError: the user may not read parameters
        """
        return self._praetorx_in_clear(key, self.search([("key", "=", key)]).value)

    @api.model
    def _praetorx_in_clear(self, key, value):
        if not is_envelope(value):
            return value
        try:
            return sealing.unseal_or_note(self.env, value, parameter_context(key))
        except UnreadableSecret:
            if key in self._praetorx_encrypted_keys():
                raise
            return value  # no secret of ours, a text that looks like one

    @api.model
    def set_param(self, key, value):
        """
        :raise UnusableKeys: the value is to be encrypted, and there is no key
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
        """Encrypt a value if its key asks for it; only its own envelope is none.

        What merely looks like an envelope is a text, which could not be read again.
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
