"""Count the records of a mailbox that people look at, and open them."""

from typing import Any

from odoo import api, fields, models
from odoo.fields import Domain

from ...const import UNDER_WAY

_IS_OPEN = Domain("state", "=", "open")
#: Edits that have failed, and wait long for their next attempt.
_IS_LATE = Domain("state", "in", UNDER_WAY) & Domain("is_late", "=", True)
#: Field -> model and domain of the records that it counts.
_COUNTED = {
    "outbox_count": ("outbox", Domain("state", "in", UNDER_WAY)),
    "dead_letter_count": ("outbox", Domain("state", "=", "dead")),
    "late_count": ("outbox", _IS_LATE),
    "conflict_count": ("conflict", _IS_OPEN),
    "hold_count": ("hold", _IS_OPEN),
    "approval_count": ("approval", Domain("state", "=", "waiting")),
}


class PraetorxMs365Account(models.Model):
    _inherit = "praetorx.ms365.account"

    hold_ids = fields.One2many("praetorx.ms365.hold", "account_id")

    outbox_count = fields.Integer(compute="_compute_counts")
    dead_letter_count = fields.Integer(
        compute="_compute_counts", search="_search_dead_letter_count"
    )
    late_count = fields.Integer("Waiting After an Error", compute="_compute_counts")
    conflict_count = fields.Integer(
        compute="_compute_counts", search="_search_conflict_count"
    )
    hold_count = fields.Integer(compute="_compute_counts", search="_search_hold_count")
    approval_count = fields.Integer(
        compute="_compute_counts", search="_search_approval_count"
    )
    deleted_count = fields.Integer("Deleted", compute="_compute_deleted_count")
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
        self._set_counts(
            {name: self._count(*counted) for name, counted in _COUNTED.items()}
        )

    def _compute_deleted_count(self):
        """Count the events that were deleted in Outlook and can be brought back."""
        deleted = self._count("event.link", Domain("can_restore", "=", True))
        self._set_counts({"deleted_count": deleted})

    @api.model
    def _search_dead_letter_count(self, operator, value):
        return self._search_counted("dead_letter_count", operator, value)

    @api.model
    def _search_conflict_count(self, operator, value):
        return self._search_counted("conflict_count", operator, value)

    @api.model
    def _search_hold_count(self, operator, value):
        return self._search_counted("hold_count", operator, value)

    @api.model
    def _search_approval_count(self, operator, value):
        return self._search_counted("approval_count", operator, value)

    @api.model
    def _search_counted(self, name, operator, value):
        """Return the domain of accounts with such records, or without.

        No other number can be searched for.
        """
        if (operator, value) not in ((">", 0), ("<=", 0)):
            return NotImplemented
        model, domain = _COUNTED[name]
        records = self.env[f"praetorx.ms365.{model}"]
        found = [one.id for [one] in records._read_group(domain, ["account_id"])]
        return Domain("id", "in" if operator == ">" else "not in", found)

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
        outside_years = quarantined & Domain("reason", "=like", "outside_years%")
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

    def _late_entries(self):
        """Return the edits that wait long after an error, the next to send first."""
        return self.env["praetorx.ms365.outbox"].search(
            Domain("account_id", "in", self.ids) & _IS_LATE, order="not_before, id"
        )

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
