from datetime import timedelta
from typing import Any

from odoo import api, fields, models
from odoo.fields import Domain

KEEP_DAYS_PARAMETER = "praetorx_ms365_calendar.log_days"
KEEP_DAYS = 90


class PraetorxMs365SyncLog(models.Model):
    """A log of all synced changes, with ids and results but without contents."""

    _name = "praetorx.ms365.sync.log"
    _description = "Microsoft 365 Sync Log"
    _inherit = ["praetorx.ms365.bookkeeping"]
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
            ("reset", "Reset"),
            ("read", "Read"),
        ],
        readonly=True,
    )
    outcome = fields.Selection(
        [
            ("done", "Done"),
            ("nothing", "Nothing to do"),
            ("conflict", "Conflict"),
            ("held", "Waits for your decision"),
            ("later", "Tried again later"),
            ("failed", "Failed"),
            ("quarantined", "Not understood"),
        ],
        readonly=True,
    )
    field_names = fields.Char("Fields", readonly=True)
    reason = fields.Char(readonly=True)
    request_id = fields.Char("Microsoft's Request Id", readonly=True)
    title = fields.Char(
        "Event Title",
        compute="_compute_title",
        help="Also of a deleted event, as far as the viewer may know it.",
    )

    @api.depends("event_id")
    @api.depends_context("uid")
    def _compute_display_name(self):
        """The event's name, as far as the viewer may know it."""
        for row in self:
            row.display_name = row.event_id.display_name or f"#{row.id}"

    @api.depends("event_id", "account_id", "remote_id", "event_key")
    @api.depends_context("uid")
    def _compute_title(self):
        """Compute the title of the event from its link, since the log has ids only."""
        without_id = self.filtered(lambda row: row.remote_id and not row.event_id)
        links = self.env["praetorx.ms365.event.link"].search(
            Domain("account_id", "in", without_id.account_id.ids)
            & Domain("remote_id", "in", without_id.mapped("remote_id"))
        )
        titles = {(link.account_id.id, link.remote_id): link.title for link in links}
        for row in self:
            known = row.event_id.display_name or titles.get(
                (row.account_id.id, row.remote_id)
            )
            row.title = known or (row.event_key > 0 and f"#{row.event_key}")

    @api.model
    def _log(self, account, **values):
        """Write one row; see :meth:`_log_many`."""
        self._log_many(account, [values])

    @api.model
    def _log_many(self, account, rows):
        """Write rows about one mailbox: columns of this model, ids and words only."""
        self.sudo().create(
            [
                {
                    "account_id": account.id,
                    "user_id": account.user_id.id,
                    "company_id": account.company_id.id,
                    "event_key": row.get("event_id") or 0,
                    **row,
                }
                for row in rows
            ]
        )

    @api.autovacuum
    def _gc_old(self):
        days = int(
            self.env["ir.config_parameter"]
            .sudo()
            .get_param(KEEP_DAYS_PARAMETER, KEEP_DAYS)
        )
        limit = 5000
        rows = self.search(
            Domain("create_date", "<", fields.Datetime.now() - timedelta(days=days)),
            limit=limit,
        )
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

    def action_restore(self) -> dict[str, Any]:
        """Ask before bringing the event back on both sides."""
        return self._links().action_restore()
