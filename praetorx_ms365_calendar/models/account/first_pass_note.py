"""Tell the owner the result of the first reading, once and without a mail."""

from odoo import api, fields, models
from odoo.fields import Domain

from ...const import PREVIEW_CHANGED, UNDER_WAY


class PraetorxMs365Account(models.Model):
    _inherit = "praetorx.ms365.account"

    first_pass_counts = fields.Json(
        readonly=True, copy=False, help="The numbers of the first reading."
    )
    first_pass_note = fields.Char(
        "First Reading", compute="_compute_first_pass_note", compute_sudo=True
    )

    @api.depends("first_pass_counts")
    @api.depends_context("lang")
    def _compute_first_pass_note(self):
        for account in self:
            account.first_pass_note = account._describe_first_pass()

    def _tell_first_pass(self):
        """Store the numbers of the first reading, and show them to the owner once."""
        self.ensure_one()
        if self.first_pass_counts or not self.started_at:
            return
        self.first_pass_counts = self._count_first_pass()
        self.user_id._bus_send(PREVIEW_CHANGED, {})
        in_language = self.with_context(lang=self.user_id.lang)
        self.user_id._bus_send(
            "simple_notification",
            {
                "type": "success",
                "title": in_language.env._("Your calendars are in sync"),
                "message": in_language._describe_first_pass(),
            },
        )

    def _count_first_pass(self):
        """Return the numbers of what was read, linked, sent and left out."""
        since = Domain("account_id", "=", self.id)
        since &= Domain("create_date", ">=", self.started_at)
        groups = self.env["praetorx.ms365.sync.log"]._read_group(
            since, ["direction", "operation", "outcome"], ["__count"]
        )
        logged = {tuple(key): count for *key, count in groups}
        under_way = Domain("account_id", "=", self.id) & Domain("link_id", "=", False)
        under_way &= Domain("state", "in", UNDER_WAY)
        on_their_way = self.env["praetorx.ms365.outbox"].search_count(under_way)
        return {
            "created": logged.get(("pull", "create", "done"), 0),
            "linked": logged.get(("pull", "link", "done"), 0),
            "sent": on_their_way + logged.get(("push", "create", "done"), 0),
            "waiting": len(self._events_awaiting_consent()),
            "set_aside": self.set_aside_count,
            "of_organizer": self.env["praetorx.ms365.event.link"].search_count(
                [("account_id", "=", self.id), ("state", "=", "waiting")]
            ),
            "by_choice": logged.get(("pull", "read", "nothing"), 0),
        }

    def _describe_first_pass(self):
        """Return the numbers in words, empty before the first reading has ended."""
        counts = self.first_pass_counts
        if not counts:
            return ""
        env = self.env
        words = [
            env._(
                "New in Odoo: %(created)s. Linked: %(linked)s. On their way to "
                "Outlook, or there already: %(sent)s.",
                **{name: counts[name] for name in ("created", "linked", "sent")},
            )
        ]
        told = {
            "waiting": env._(
                "Wait until you send them, since Outlook mails their attendees: %s."
            ),
            "set_aside": env._("Left out, since Odoo cannot take them: %s."),
            "of_organizer": env._("Come with the mailbox of their organizer: %s."),
            "by_choice": env._("Left out by your choice: %s."),
        }
        words += [text % counts[name] for name, text in told.items() if counts[name]]
        return " ".join(words)
