from typing import Any

from odoo import Command, api, fields, models

from .. import sealing
from ..crypto.errors import InvalidKey


class PraetorxEncryptionStatus(models.TransientModel):
    """Show an administrator the ids of the keys, and the number of their values."""

    _name = "praetorx.encryption.status"
    _description = "Encryption Status"

    key_source = fields.Char(
        "Keys From",
        readonly=True,
        help="The environment variable or the file that the keys are read from.",
    )
    problem = fields.Char(readonly=True)
    line_ids = fields.One2many(
        "praetorx.encryption.status.line", "status_id", "Keys", readonly=True
    )
    outdated_count = fields.Integer("Values to Rotate", readonly=True)
    missing_count = fields.Integer("Values Without Key", readonly=True)

    @api.model
    def default_get(self, fields):
        """Return the keys with their numbers of values.

        :raise AccessError: the user may not open this; Odoo itself does not check that
        """
        self.check_access("create")
        values = {
            **super().default_get(fields),
            "key_source": sealing.key_source().place,
        }
        try:
            key_ids = sealing.keyring().key_ids
        except InvalidKey as error:
            return {**values, "problem": str(error)}
        lines = [
            {
                "key_id": key_id,
                "state": _state(key_id, key_ids),
                "value_count": count,
            }
            for key_id, count in self.env["praetorx.encryption"].count_by_key().items()
        ]
        values["line_ids"] = [Command.create(line) for line in lines]
        for name, states in (
            ("outdated_count", ("older", "clear")),
            ("missing_count", ("missing",)),
        ):
            values[name] = sum(
                line["value_count"] for line in lines if line["state"] in states
            )
        return values

    def action_rotate(self) -> dict[str, Any]:
        """Request a rotation, and tell the user that it runs in the background."""
        self.check_access("write")
        self.env["praetorx.encryption"].request_rotation()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "The scheduler is encrypting everything with the newest key. "
                    "Keep the older keys until none of them has values left."
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }


def _state(key_id: str | None, key_ids: tuple[str, ...]) -> str:
    if key_id is None:
        return "clear"
    if key_id not in key_ids:
        return "missing"
    return "newest" if key_id == key_ids[0] else "older"
