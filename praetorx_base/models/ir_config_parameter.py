from odoo import api, models

from .. import sealing
from ..crypto.envelope import is_envelope
from ..exceptions import UnreadableSecret
from ..places import parameter_context


class IrConfigParameter(models.Model):
    """Parameters whose values are secrets: envelopes in the table, clear in the code.

    ``get_param`` and ``set_param`` take and give clear text. The field ``value``, and
    with it the list of parameters for administrators, shows the envelope; a new value
    that is entered there is encrypted.
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
    def _praetorx_current_param(self, key):
        """Return a parameter in clear as the table has it; False if there is none.

        For crons that run for long: ``get_param`` takes parameters from the cache of
        the process, which learns of changes only when the next cron begins.

        :raise AccessError: the user may not read parameters
        """
        return self._praetorx_in_clear(key, self.search([("key", "=", key)]).value)

    @api.model
    def _praetorx_in_clear(self, key, value):
        if is_envelope(value):
            return sealing.unseal_or_note(self.env, value, parameter_context(key))
        return value

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
        if not unchanged and not sealing.is_note(value):
            super().set_param(key, value)
        return previous

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
            if "value" in vals:
                value = vals["value"]
            elif is_envelope(param.value):
                value = sealing.unseal(
                    self.env, param.value, parameter_context(param.key)
                )
            else:
                value = param.value
            super(IrConfigParameter, param).write(
                {**vals, "value": param._sealed_value(key, value)}
            )
        return True

    @api.model
    def _sealed_value(self, key, value):
        """Encrypt a value if its key asks for it; envelopes are left as they are."""
        if (
            not value
            or is_envelope(value)
            or key not in self._praetorx_encrypted_keys()
        ):
            return value
        return sealing.seal(self.env, str(value), parameter_context(key))
