"""Count the records of a mailbox that people look at, and open them."""

from typing import Any

from odoo import fields, models
from odoo.fields import Domain

from ...engine.mapping.untrusted_json import OUTSIDE_YEARS


class PraetorxMs365Account(models.Model):
    _inherit = "praetorx.ms365.account"

    hold_ids = fields.One2many("praetorx.ms365.hold", "account_id")

    outbox_count = fields.Integer(compute="_compute_counts")
    dead_letter_count = fields.Integer(compute="_compute_counts")
    conflict_count = fields.Integer(compute="_compute_counts")
    hold_count = fields.Integer(compute="_compute_counts")
    approval_count = fields.Integer(compute="_compute_counts")
    set_aside_count = fields.Integer(
        compute="_compute_link_counts", string="Not Understood"
    )
    without_dates_count = fields.Integer(
        compute="_compute_link_counts", string="Series Without Dates in the Window"
    )
    outside_years_count = fields.Integer(
        compute="_compute_link_counts", string="Events in Years That Odoo Cannot Show"
    )

    def _compute_counts(self):
        on_their_way = Domain("state", "in", ["pending", "sending"])
        is_open = Domain("state", "=", "open")
        counts = {
            "outbox_count": self._count("outbox", on_their_way),
            "dead_letter_count": self._count("outbox", Domain("state", "=", "dead")),
            "conflict_count": self._count("conflict", is_open),
            "hold_count": self._count("hold", is_open),
            "approval_count": self._count("approval", Domain("state", "=", "waiting")),
        }
        self._set_counts(counts)

    def _compute_link_counts(self):
        quarantined = Domain("state", "=", "quarantined")
        without_dates = (
            Domain("is_series", "=", True)
            & Domain("state", "=", "synced")
            & Domain("recurrence_id", "=", False)
            & Domain("event_id", "=", False)
            & Domain("remote_id", "!=", False)
            & Domain("needs_read", "=", False)
        )
        outside_years = quarantined & Domain("reason", "like", OUTSIDE_YEARS.strip())
        counts = {
            "set_aside_count": self._count("event.link", quarantined),
            "without_dates_count": self._count("event.link", without_dates),
            "outside_years_count": self._count("event.link", outside_years),
        }
        self._set_counts(counts)

    def _count(self, model, domain):
        """Return ``{account: number}`` of the records that match a domain.

        :param model: the name of the model without ``praetorx.ms365.``
        """
        domain &= Domain("account_id", "in", self.ids)
        records = self.env[f"praetorx.ms365.{model}"]
        return dict(records._read_group(domain, ["account_id"], ["__count"]))

    def _set_counts(self, counts):
        """Set each field to the number of its account, or to 0.

        :param counts: field name -> ``{account: number}``
        """
        for account in self:
            account.update({name: of.get(account, 0) for name, of in counts.items()})

    def action_open_holds(self) -> dict[str, Any]:
        """Open the held deletions of these mailboxes: the one form, or the list."""
        holds = self.hold_ids.filtered(lambda hold: hold.state == "open")
        return self._action_open(holds, self.env._("Held Deletions"), "list,form")

    def action_open_approvals(self) -> dict[str, Any]:
        """Open the changes that wait for approval: the one form, or the list."""
        approvals = self.env["praetorx.ms365.approval"].search(
            [("account_id", "in", self.ids), ("state", "=", "waiting")]
        )
        return self._action_open(
            approvals, self.env._("Waiting for Approval"), "list,kanban,form"
        )

    def _action_open(self, records, name, views):
        """Return the action that opens the form of one record, or a list of several.

        :param views: the types of views for several records, separated by commas
        """
        action = {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": records._name,
        }
        if len(records) == 1:
            return action | {"views": [(False, "form")], "res_id": records.id}
        return action | {
            "views": [(False, kind) for kind in views.split(",")],
            "domain": [("id", "in", records.ids)],
        }
