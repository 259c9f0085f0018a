"""Ask a person before Exchange mails many people (the mail guard).

The person is the author if the author may act for the owner of the mailbox, else the
owner. The meetings of one mailbox that wait for this can be decided together.
"""

from typing import Any

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain

from ...const import ACTIVITY_APPROVAL
from ...wording import describe_mail_number
from .seen import SEEN

#: Context key: many approvals are decided at once, and reminded of at the end.
TOGETHER = "ms365_together"
_WAITING = Domain("kind", "=", "mails") & Domain("state", "=", "waiting")


class PraetorxMs365Approval(models.Model):
    _inherit = "praetorx.ms365.approval"

    people = fields.Html(
        "Who Gets a Mail",
        compute="_compute_people",
        compute_sudo=True,
        sanitize=False,
    )
    together_ids = fields.Many2many(
        "praetorx.ms365.approval",
        string="Wait Together",
        compute="_compute_together",
        compute_sudo=True,
        help="All meetings of this mailbox that wait since they mail many people.",
    )
    event_start = fields.Datetime(
        "Date", compute="_compute_event_start", compute_sudo=True
    )
    together_seen = fields.Char(compute="_compute_together", compute_sudo=True)
    together_words = fields.Char(compute="_compute_together", compute_sudo=True)

    @api.depends("mailed", "event_id.privacy")
    @api.depends_context("uid", "lang")
    def _compute_people(self):
        """List the people to be mailed, if the viewer may know them."""
        for approval in self:
            people = approval._people_to_mail()
            approval.people = bool(people) and Markup("<ul>%s</ul>") % Markup().join(
                Markup("<li>%s</li>") % one for one in people
            )

    @api.depends("event_id.start")
    @api.depends_context("uid")
    def _compute_event_start(self):
        for approval in self:
            event = approval.event_id or approval._all_events()[:1]
            approval.event_start = approval._may_know() and event.start

    @api.depends("version", "state", "mail_count")
    @api.depends_context("uid", "lang")
    def _compute_together(self):
        for approval in self:
            together = approval._waiting_together()
            if len(together) < 2 or not approval._may_decide(self.env.user):
                together = together.browse()
            approval.together_ids = together
            approval.together_seen = together._as_seen()
            approval.together_words = bool(together) and approval._describe_together(
                together
            )

    def _waiting_together(self):
        """Return what waits in this mailbox for the same reason, in order of time."""
        if self.kind != "mails" or self.state != "waiting":
            return self.browse()
        return self.search(
            _WAITING & Domain("account_id", "=", self.account_id.id), order="id"
        )

    def _describe_together(self, together):
        return self.env._(
            "%(meetings)s meetings wait together (%(mails)s mails).",
            meetings=len(together),
            mails=sum(together.mapped("mail_count")),
        )

    # ------------------------------------------------------------------
    # The two parts of a series that was split
    # ------------------------------------------------------------------

    def _with_other_parts(self):
        """Return these and the waiting other parts of the same split series.

        An edit of "this and the following events" ends one series and begins another.
        """
        recurrences = self.filtered(lambda one: one.kind == "mails").recurrence_id
        if not recurrences:
            return self
        later = recurrences.search([("ms365_split_from_id", "in", recurrences.ids)])
        others = later | recurrences.ms365_split_from_id
        waiting = self.search(_WAITING & Domain("recurrence_id", "in", others.ids))
        return (self | waiting).sorted("id")

    def _compute_seen(self):
        super()._compute_seen()
        for approval in self.sudo():
            approval.seen = approval._with_other_parts()._as_seen()

    def _to_decide(self, *, author_too=False):
        """Decide about both parts of a split series together."""
        together = self.sudo()._with_other_parts().with_env(self.env)
        return super(PraetorxMs365Approval, together)._to_decide(author_too=author_too)

    def _describe_other_part(self):
        others = self.state == "waiting" and self._with_other_parts() - self
        return others and self.env._(
            "It is one part of a series. The other part (%(mails)s) is decided "
            "together with it.",
            mails=describe_mail_number(self.env, sum(others.mapped("mail_count"))),
        )

    def _is_split_off(self):
        """Return True if the former series has these events in Outlook still."""
        recurrence = self.recurrence_id
        former = recurrence.ms365_split_from_id.ms365_link_ids
        base = former.filtered("is_primary")[:1]._series_base
        first = recurrence.ms365_split_day
        return bool(base and first) and max(base.theirs.days, default="") >= first

    # ------------------------------------------------------------------
    # Asking
    # ------------------------------------------------------------------

    def _decider(self):
        """Return the user that is asked: the owner, or an author with that right."""
        author = self.author_id
        if self.kind == "mails" and author.active and self._may_decide(author):
            return author
        return self.user_id

    def _remind_owner(self):
        """Create one activity for all meetings of a mailbox that mail many people."""
        by_mails = self.filtered(lambda one: one.kind == "mails")
        super(PraetorxMs365Approval, self - by_mails)._remind_owner()
        for approval in by_mails:
            if not approval._others_reminded():
                super(PraetorxMs365Approval, approval)._remind_owner()

    def _others_reminded(self):
        """Return the other meetings of this mailbox with an open activity."""
        activities = self.env["mail.activity"].search(
            [("res_model", "=", self._name), ("user_id", "=", self._decider().id)]
        )
        others = self.browse(activities.mapped("res_id")).exists() - self
        same_mailbox = Domain("account_id", "=", self.account_id.id)
        return others.filtered_domain(_WAITING & same_mailbox)

    def _close(self, state, decider=None):
        """Leave the activity with a meeting that still waits."""
        reminded = self.filtered(
            lambda one: one.kind == "mails" and one.activity_search([ACTIVITY_APPROVAL])
        )
        super()._close(state, decider)
        if not self.env.context.get(TOGETHER):
            reminded._remind_about_rest()

    def _remind_about_rest(self):
        """Remind of another meeting that still waits in the same mailboxes."""
        for account in self.account_id:
            waiting = self.search(
                _WAITING & Domain("account_id", "=", account.id), limit=1, order="id"
            )
            waiting._remind_owner()

    @api.model
    def _end_few_mails(self, entries):
        """End the question about a new meeting if it mails only a few people by now.

        :param entries: the edits of the meeting, which are sent
        """
        waiting = self._waiting_of(entries.account_id, entries.mapped("event_key"))
        waiting.filtered(
            lambda one: one.kind == "mails" and one.operation == "create"
        )._end_over("few")

    # ------------------------------------------------------------------
    # Deciding
    # ------------------------------------------------------------------

    def action_approve_together(self) -> dict[str, Any] | None:
        """Send all meetings of the list that the form shows."""
        shown = self._of_list()
        action = shown.action_approve()
        shown.sudo()._remind_about_rest()
        return action

    def action_reject_together(self) -> dict[str, Any] | None:
        """Undo all changes of the list that the form shows."""
        shown = self._of_list()
        action = shown.action_reject()
        shown.sudo()._remind_about_rest()
        return action

    def _of_list(self):
        """Return the approvals of the list in the view, as the context names them."""
        seen = self.env.context.get(SEEN)
        parts = seen.split(",") if isinstance(seen, str) else []
        ids = [int(part.partition(":")[0]) for part in parts if part[:1].isdigit()]
        shown = self.browse(ids).exists()
        self.check_access("read")
        shown = shown.filtered(lambda one: one.account_id == self.account_id) or self
        return shown.with_context(**{TOGETHER: True})

    # ------------------------------------------------------------------
    # Words
    # ------------------------------------------------------------------

    def _describe_change(self):
        if self.kind != "mails":
            return super()._describe_change()
        match self.operation:
            case "create":
                change = self.env._("New meeting.")
            case "cancel":
                change = self.env._("Deleted meeting.")
            case _:
                change = self.env._(
                    "Changed in Odoo: %(what)s.", what=self._describe_fields()
                )
        limit = self.env._(
            "Outlook would mail many people at once, so nothing is sent yet."
        )
        words = [change, limit, self._describe_other_part()]
        return " ".join(filter(None, words))

    def _activity_summary(self):
        if self.kind != "mails":
            return super()._activity_summary()
        return self.env._("Outlook would mail many people")

    def _activity_note(self):
        if self.kind != "mails":
            return super()._activity_note()
        return self.env._(
            "Open the change to see who would get a mail. Nothing is sent until you "
            "agree: the change lapses on %(until)s.",
            until=self._describe_deadline(),
        )
