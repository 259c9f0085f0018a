from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ...engine.merge import DELETED

#: How long versions of an event are kept that is gone from Odoo.
KEPT_WITHOUT_EVENT = timedelta(days=30)


class PraetorxMs365Version(models.Model):
    """One synced change of an event or a series, with old and new values.

    The workers write it when a change from Outlook is in Odoo, or a change from Odoo
    is in Outlook. There is no row for the first content of an event: the old values of
    later changes are enough to tell it.

    The values are contents. Only people who may read the event see them.
    """

    _name = "praetorx.ms365.version"
    _description = "Microsoft 365 Event Version"
    _inherit = [
        "praetorx.ms365.privacy.then",
        "praetorx.ms365.audited",
        "praetorx.ms365.bookkeeping",
    ]
    _order = "id desc"
    _log_access = False

    create_date = fields.Datetime(
        "When", default=fields.Datetime.now, required=True, readonly=True, index=True
    )
    account_id = fields.Many2one(
        "praetorx.ms365.account",
        required=True,
        ondelete="cascade",
        index=True,
        readonly=True,
    )
    user_id = fields.Many2one(
        "res.users", "Mailbox of", ondelete="cascade", index=True, readonly=True
    )
    company_id = fields.Many2one("res.company", ondelete="cascade", readonly=True)
    link_id = fields.Many2one(
        "praetorx.ms365.event.link",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
    )
    event_id = fields.Many2one(
        "calendar.event", ondelete="set null", index="btree_not_null", readonly=True
    )
    recurrence_id = fields.Many2one(
        "calendar.recurrence",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
    )
    day = fields.Char(
        readonly=True,
        help="Of an occurrence: its day. Empty for a single event and a whole series.",
    )
    origin = fields.Selection(
        [("odoo", "Odoo"), ("outlook", "Outlook")], "Changed in", readonly=True
    )
    author_id = fields.Many2one(
        "res.users",
        "Edited by",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
        help="Who made the edit in Odoo. Outlook does not name its editors.",
    )
    field_names = fields.Char("Fields", readonly=True)
    before = fields.Json(groups=fields.NO_ACCESS)
    after = fields.Json(groups=fields.NO_ACCESS)
    request_id = fields.Char("Microsoft's Request Id", readonly=True)

    # ------------------------------------------------------------------
    # Recording
    # ------------------------------------------------------------------

    @api.model
    def _vals_of(self, link, day, change):
        """Return values of the version for a change.

        :param day: of an occurrence; empty for a single event and a whole series
        :param change: a :class:`..engine.versions.Change`
        """
        return {
            "link_id": link.id,
            "day": day or False,
            "field_names": ", ".join(sorted(change.names)),
            "before": dict(change.before),
            "after": dict(change.after),
            "was_private": change.is_private,
        }

    @api.model
    def _record(self, account, rows):
        """Write versions of events in one mailbox.

        The event is the present one: a series may have become a single event since. If
        an event is private now, its earlier versions become private, too.
        """
        of_all = {
            "account_id": account.id,
            "user_id": account.user_id.id,
            "company_id": account.company_id.id,
        }
        Link_sudo = self.env["praetorx.ms365.event.link"].sudo()
        links_sudo = Link_sudo.browse([row["link_id"] for row in rows])
        versions_sudo = self.sudo().create(
            [
                {
                    **of_all,
                    **row,
                    "event_id": link.event_id.id,
                    "recurrence_id": link.recurrence_id.id,
                }
                for row, link in zip(rows, links_sudo, strict=True)
            ]
        )
        private = versions_sudo.filtered("was_private")
        if private:
            self.sudo().search(
                Domain("link_id", "in", private.link_id.ids)
                & Domain("was_private", "=", False)
            ).write({"was_private": True})

    # ------------------------------------------------------------------
    # Looking
    # ------------------------------------------------------------------

    def _event_then(self):
        """Return the event of this version; of a series, the one of its day."""
        if not self.recurrence_id:
            return self.event_id
        recurrence_sudo = self.recurrence_id.sudo()
        of_day = recurrence_sudo.calendar_event_ids.filtered(
            lambda event: self.day and event.ms365_day == self.day
        )
        return of_day[:1] or recurrence_sudo.base_event_id

    @property
    def _names(self):
        """The names of the changed fields."""
        return frozenset(filter(None, (self.field_names or "").split(", ")))

    @property
    def _is_deletion(self):
        """True if the event or the occurrence was deleted."""
        return DELETED in self._names

    @api.model
    def _of_event(self, event):
        """Return the versions of an event, the newest first.

        Of an occurrence, also those of its series.
        """
        event.ensure_one()
        if not event.recurrence_id:
            return self.search([("event_id", "=", event.id)])
        return self.search(
            Domain("event_id", "=", event.id)
            | Domain("recurrence_id", "=", event.recurrence_id.id)
            & Domain("day", "in", [False, event.ms365_day])
        )

    # ------------------------------------------------------------------
    # Retention
    # ------------------------------------------------------------------

    @api.autovacuum
    def _gc_old(self):
        """Delete versions that are older than the setting, or whose event is gone."""
        now = fields.Datetime.now()
        since = self.env["praetorx.ms365.sync.log"]._kept_since()
        limit = 5000
        versions = self.search(
            Domain("create_date", "<", since)
            | Domain("event_id", "=", False)
            & Domain("recurrence_id", "=", False)
            & Domain("create_date", "<", now - KEPT_WITHOUT_EVENT),
            limit=limit,
        )
        versions.unlink()
        return len(versions), len(versions) == limit
