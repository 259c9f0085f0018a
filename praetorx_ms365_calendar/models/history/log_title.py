"""The title of an event in the sync log, as it was when the row was written."""

from odoo import api, fields, models
from odoo.fields import Domain

from ...const import HIDES_CONTENT, SERIES_KEYS


class PraetorxMs365SyncLog(models.Model):
    _name = "praetorx.ms365.sync.log"
    _inherit = [
        "praetorx.ms365.sync.log",
        "praetorx.ms365.privacy.then",
        "praetorx.ms365.audited",
    ]

    title = fields.Char(
        "Event Title",
        compute="_compute_title",
        compute_sudo=True,
        search="_search_title",
        help="The title at that time, as far as the viewer may know it.",
    )
    title_then = fields.Char(groups=fields.NO_ACCESS)

    # ------------------------------------------------------------------
    # Writing
    # ------------------------------------------------------------------

    @api.model
    def _with_titles(self, rows):
        """Return values of new rows, with the titles of their events.

        If an event is private now, its earlier rows become private, too.
        """
        own = self.sudo()
        events = own._events_of_rows(rows)
        contents = own._contents_of_gone(rows, events)
        private_ids = set()
        titled = []
        for row, event in zip(rows, events, strict=True):
            content = contents.get((row["account_id"], row.get("remote_id")))
            if event:
                title = event.name
                is_private = event.effective_privacy in HIDES_CONTENT
            elif content:
                title, is_private = content.subject, content.sensitivity != "normal"
            else:
                titled.append(row)
                continue
            if is_private and event:
                private_ids.add(event.id)
            titled.append({**row, "title_then": title, "was_private": is_private})
        own._hide_earlier_titles(private_ids)
        return titled

    @api.model
    def _events_of_rows(self, rows):
        """Return the event of each row; of a series, the event that stands for it."""
        Event = self.env["calendar.event"].with_context(active_test=False)
        series_ids = {
            SERIES_KEYS - row["event_key"]
            for row in rows
            if not row.get("event_id") and (row.get("event_key") or 0) <= SERIES_KEYS
        }
        series = self.env["calendar.recurrence"].browse(series_ids).exists()
        first_of = {SERIES_KEYS - one.id: one.base_event_id for one in series}
        event_ids = {row["event_id"] for row in rows if row.get("event_id")}
        known = Event.browse(event_ids | set(series.base_event_id.ids))
        known._ms365_forget_masked_values()
        return [
            Event.browse(row["event_id"]).with_prefetch(known.ids)
            if row.get("event_id")
            else first_of.get(row["event_key"], Event)
            for row in rows
        ]

    @api.model
    def _contents_of_gone(self, rows, events):
        """Return mailbox and Outlook id -> last content, of events that are gone."""
        gone = [
            (row["account_id"], row["remote_id"])
            for row, event in zip(rows, events, strict=True)
            if row.get("remote_id") and not event
        ]
        if not gone:
            return {}
        links = self.env["praetorx.ms365.event.link"].search(
            Domain("account_id", "in", [account_id for account_id, _id in gone])
            & Domain("remote_id", "in", [remote_id for _id, remote_id in gone])
        )
        return {(one.account_id.id, one.remote_id): one._ours() for one in links}

    @api.model
    def _hide_earlier_titles(self, private_ids):
        """Hide earlier titles of events that are private now."""
        if private_ids:
            self.search(
                Domain("event_id", "in", list(private_ids))
                & Domain("was_private", "=", False)
            ).write({"was_private": True})

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    @api.depends("title_then", "was_private", "event_id", "event_key", "remote_id")
    @api.depends_context("uid")
    def _compute_title(self):
        """Return the title as far as the viewer may know it.

        Rows from before titles were kept have the present title of their event.
        """
        older = self.filtered(lambda row: not row.title_then)
        present = older._present_titles()
        for row in self:
            if not row.title_then:
                row.title = present.get(row) or (
                    row.event_key > 0 and f"#{row.event_key}"
                )
            elif row._may_know_then():
                row.title = row.title_then
            else:
                row.title = self.env._("Private event")

    def _present_titles(self):
        """Return row -> present title of its event, or the last one that is known."""
        without_id = self.filtered(lambda row: row.remote_id and not row.event_id)
        links = self.env["praetorx.ms365.event.link"]
        if without_id:
            links = links.search(
                Domain("account_id", "in", without_id.account_id.ids)
                & Domain("remote_id", "in", without_id.mapped("remote_id"))
            )
        titles = {(link.account_id, link.remote_id): link.title for link in links}
        return {
            row: row.event_id.display_name
            or titles.get((row.account_id, row.remote_id))
            for row in self
        }

    @api.model
    def _search_title(self, operator, value):
        """Find rows by titles that the viewer may know."""
        found = Domain("title_then", operator, value)
        if not self.env.su:
            seen = Domain("was_private", "=", False) & (
                Domain("event_id", "=", False)
                | Domain("event_id.privacy", "not in", HIDES_CONTENT)
            )
            found &= Domain("user_id", "=", self.env.uid) | seen
        return Domain("id", "in", self.sudo()._search(found))
