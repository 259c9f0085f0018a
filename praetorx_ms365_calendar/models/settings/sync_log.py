from datetime import timedelta
from typing import Any

from odoo import api, fields, models
from odoo.fields import Domain

from ...const import KEEP_DAYS, KEEP_DAYS_PARAMETER


class PraetorxMs365SyncLog(models.Model):
    """A log of all synced changes: ids, results and titles, but no other contents.

    Each row keeps the title of its time, see :mod:`..history.log_title`.
    """

    _name = "praetorx.ms365.sync.log"
    _description = "Microsoft 365 Sync Log"
    _inherit = ["praetorx.ms365.reasoned", "praetorx.ms365.bookkeeping"]
    _order = "id desc"
    _log_access = False

    create_date = fields.Datetime(
        "When", default=fields.Datetime.now, required=True, readonly=True, index=True
    )
    account_id = fields.Many2one(
        "praetorx.ms365.account", ondelete="cascade", index=True, readonly=True
    )
    user_id = fields.Many2one(
        "res.users", "Mailbox of", ondelete="cascade", index=True, readonly=True
    )
    author_id = fields.Many2one(
        "res.users",
        "Edited by",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
        help="Who made the edit in Odoo that this is about.",
    )
    company_id = fields.Many2one("res.company", ondelete="cascade", readonly=True)
    event_id = fields.Many2one(
        "calendar.event", ondelete="set null", index="btree_not_null", readonly=True
    )
    event_key = fields.Integer("Event Id", readonly=True)
    remote_id = fields.Char("Outlook Id", readonly=True)
    direction = fields.Selection(
        [("pull", "Outlook to Odoo"), ("push", "Odoo to Outlook")], readonly=True
    )
    origin = fields.Selection([("odoo", "Odoo"), ("outlook", "Outlook")], readonly=True)
    operation = fields.Selection(
        [
            ("create", "Create"),
            ("update", "Update"),
            ("delete", "Delete"),
            ("restore", "Bring back"),
            ("move", "Move"),
            ("respond", "Answer"),
            ("link", "Link"),
            ("resolve", "Resolve"),
            ("connect", "Connect"),
            ("disconnect", "Disconnect"),
            ("reset", "Reset"),
            ("read", "Read"),
            ("export", "Export"),
        ],
        readonly=True,
    )
    outcome = fields.Selection(
        [
            ("done", "Done"),
            ("nothing", "Nothing to do"),
            ("conflict", "Conflict"),
            ("held", "Waits for a decision"),
            ("later", "Will be tried again"),
            ("failed", "Failed"),
            ("quarantined", "Not understood"),
        ],
        readonly=True,
    )
    field_names = fields.Char("Fields", readonly=True)
    request_id = fields.Char("Microsoft's Request Id", readonly=True)

    @api.depends("event_id")
    @api.depends_context("uid")
    def _compute_display_name(self):
        """The event's name, as far as the viewer may know it."""
        for row in self:
            row.display_name = row.event_id.display_name or f"#{row.id}"

    @api.model
    def _log(self, account, **values):
        """Write one row; see :meth:`_log_many`."""
        self._log_many(account, [values])

    @api.model
    def _log_many(self, account, rows):
        """Write rows about one mailbox: columns of this model, ids and words only."""
        rows = [
            {
                "account_id": account.id,
                "user_id": account.user_id.id,
                "company_id": account.company_id.id,
                "event_key": row.get("event_id") or 0,
                **row,
            }
            for row in rows
        ]
        self.sudo().create(self._with_titles(rows))

    @api.model
    def _keep_days(self):
        """Return how many days log and history are kept."""
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        return int(parameters_sudo.get_param(KEEP_DAYS_PARAMETER) or KEEP_DAYS)

    @api.model
    def _kept_since(self):
        """Return the time before which log and history are deleted."""
        return fields.Datetime.now() - timedelta(days=self._keep_days())

    def _reason_owner(self):
        return self.user_id

    def _is_retried(self):
        return self.outcome == "later"

    def _explained(self):
        """Explain the reason; an old row has no button, since it may be repaired."""
        shown = super()._explained()
        return shown and shown._replace(button=False)

    @api.autovacuum
    def _gc_old(self):
        limit = 5000
        rows = self.search(Domain("create_date", "<", self._kept_since()), limit=limit)
        rows.unlink()
        return len(rows), len(rows) == limit

    can_restore = fields.Boolean(compute="_compute_can_restore")

    @api.depends("event_id", "operation", "direction")
    @api.depends_context("uid")
    def _compute_can_restore(self):
        deletions = self.filtered(
            lambda row: (row.operation, row.direction) == ("delete", "pull")
        )
        restorable = deletions._links().filtered("can_restore")
        pairs = {(link.account_id, link.event_id) for link in restorable}
        for row in self:
            row.can_restore = (
                row in deletions and (row.account_id, row.event_id) in pairs
            )

    def _links(self):
        return self.env["praetorx.ms365.event.link"].search(
            [
                ("account_id", "in", self.account_id.ids),
                ("event_id", "in", self.event_id.ids),
            ]
        )

    def action_open_event(self) -> dict[str, Any]:
        """Open the event of this row."""
        return self.event_id._get_records_action()

    def action_open_history(self) -> dict[str, Any]:
        """Open the versions of the event of this row."""
        return self.event_id.action_ms365_history()

    def action_restore(self) -> dict[str, Any]:
        """Ask before bringing the event back on both sides."""
        return self._links().action_restore()
