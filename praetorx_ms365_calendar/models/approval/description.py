"""Describe a waiting change for people: author, fields, mails and deadline."""

from odoo import api, fields, models
from odoo.tools import format_datetime

from ...const import ACTIVITY_APPROVAL, HIDES_CONTENT, QUIET
from ...engine.merge import DELETED
from ...engine.reasons import because
from ...engine.series import stored_content
from ...engine.series_units import RECURRENCE
from ...wording import join_names, sentence_of

#: No more than so many activities wait for one person: a list shows the others.
ACTIVITIES_AT_MOST = 20


class PraetorxMs365Approval(models.Model):
    _inherit = "praetorx.ms365.approval"

    summary = fields.Char(
        compute="_compute_summary",
        compute_sudo=True,
        help="Who changed what, and whom Outlook would mail.",
    )
    changes = fields.Html(
        compute="_compute_changes",
        compute_sudo=True,
        sanitize=False,
        help="What was changed, for those who may know it.",
    )
    may_approve = fields.Boolean(compute="_compute_may_approve", compute_sudo=True)
    may_reject = fields.Boolean(compute="_compute_may_approve", compute_sudo=True)

    @api.depends("event_id", "link_id")
    @api.depends_context("uid")
    def _compute_display_name(self):
        """The event's name, as far as the viewer may know it."""
        for approval in self:
            event = approval.event_id
            of_deleted = approval.link_id.sudo(False).title
            name = event.display_name or of_deleted or f"#{approval.id}"
            hidden = event and not approval._may_know()
            approval.display_name = self.env._("Private event") if hidden else name

    @api.depends("state", "user_id", "author_id")
    @api.depends_context("uid")
    def _compute_may_approve(self):
        for approval in self:
            waits = approval.state == "waiting"
            may_approve = waits and approval._may_decide(self.env.user)
            approval.may_approve = may_approve
            approval.may_reject = may_approve or (
                waits and approval._is_edit_by(self.env.user)
            )

    @api.depends("operation", "kind", "field_names", "mail_count", "text")
    @api.depends_context("uid", "lang")
    def _compute_summary(self):
        for approval in self:
            approval.summary = " ".join(
                filter(
                    None,
                    [
                        approval._describe_change(),
                        approval._describe_first_time(),
                        approval._may_know() and approval.text,
                        approval._describe_mails(),
                    ],
                )
            )

    def _describe_change(self):
        """Describe author and change in one sentence."""
        author = self.author_id.name or self.env._("Somebody")
        owner = self.user_id.name
        if self.kind != "colleague":
            return self.env._(
                "Changed in Odoo: %(what)s.", what=self._describe_fields()
            )
        match self.operation:
            case "create":
                return self.env._(
                    "%(author)s has made this meeting in the name of %(owner)s.",
                    author=author,
                    owner=owner,
                )
            case "cancel":
                return self.env._(
                    "%(author)s has deleted this meeting of %(owner)s.",
                    author=author,
                    owner=owner,
                )
        return self.env._(
            "%(author)s has changed this meeting of %(owner)s: %(what)s.",
            author=author,
            owner=owner,
            what=self._describe_fields(),
        )

    def _describe_first_time(self):
        """Say that a yes makes the whole meeting, None where Outlook has it."""
        if not self._makes_meeting():
            return None
        return self.env._(
            "Outlook does not have this meeting yet: your approval makes the whole "
            "meeting, and invites everybody for the first time."
        )

    def _makes_meeting(self):
        """Return True if this change would create the meeting in Outlook."""
        link = self.link_id
        if self.operation != "update" or self.state != "waiting":
            return False
        if link.remote_id and link.state != "deleted_there":
            return False
        states = ["pending", "sending"]
        Outbox = self.env["praetorx.ms365.outbox"]
        others = self._waiting_of(self.account_id, [self.event_key])
        return "create" not in others.mapped("operation") and not Outbox._of_edits(
            self.account_id, self.event_key, states
        )

    def _describe_fields(self):
        """Name the changed fields."""
        labels = self.env["praetorx.ms365.conflict"]._labels()
        names = set(self.field_names or ())
        return ", ".join(label for name, label in labels.items() if name in names)

    def _describe_mails(self):
        """Describe the number of mails, and who gets them."""
        if not self.mail_count:
            return self.env._("Nobody gets a mail.")
        people = self._people_to_mail()
        if not people:
            return self.env._("Mails by Outlook: %(mails)s.", mails=self.mail_count)
        return self.env._(
            "Mails by Outlook: %(mails)s, to %(names)s.",
            mails=self.mail_count,
            names=join_names(self.env, people),
        )

    def _people_to_mail(self):
        """Return the people to be mailed, if the viewer may know them.

        Each has the address, too: a contact may have another one than the viewer
        thinks.
        """
        if not (self.mailed and self._may_know()):
            return []
        events_sudo = (self.event_id | self._all_events()).sudo().exists()
        names = events_sudo._ms365_names_of_guests()
        return [
            f"{names[address]} ({address})" if address in names else address
            for address in self.mailed
        ]

    def _may_know(self):
        """Return True if the viewer may read the event."""
        self.ensure_one()
        if self.env.user == self.user_id or self._is_edit_by(self.env.user):
            return True
        event = self.event_id.exists()
        return (
            bool(event)
            and event.effective_privacy not in HIDES_CONTENT
            and event.sudo(False).has_access("read")
        )

    # ------------------------------------------------------------------
    # In the language of the owner
    # ------------------------------------------------------------------

    def _describe_deadline(self):
        tz = self.user_id.tz or "UTC"
        return format_datetime(self.env, self.expires_at, tz=tz, dt_format="short")

    def _reason_while_waiting(self):
        """Return the reason why an entry waits."""
        return because(
            "waits_for_approval",
            owner_id=self.user_id.id,
            until=self.expires_at.isoformat(),
        )

    def _describe_waiting(self):
        """Say that an entry waits, and for whom."""
        return sentence_of(self.env, self._reason_while_waiting())

    def _reason_of_end(self):
        """Return the outcome as a reason."""
        match self.state:
            case "approved":
                return because("approved", who_id=self.decided_by_id.id)
            case "lapsed" | "withdrawn":
                return because(self.state)
            case "over":
                return self._reason_over()
        return because("rejected", who_id=self.decided_by_id.id)

    def _describe_end(self):
        """Describe the outcome."""
        return sentence_of(self.env, self._reason_of_end())

    def _remind_owner(self):
        """Create an activity for who decides, without a word on the event itself."""
        for approval in self:
            decider = approval._decider()
            open_ones = self.env["mail.activity"].search_count(
                [
                    ("res_model", "=", self._name),
                    ("user_id", "=", decider.id),
                    ("active", "=", True),
                ],
                limit=ACTIVITIES_AT_MOST,
            )
            if open_ones >= ACTIVITIES_AT_MOST:
                continue
            worded = approval.with_context(lang=decider.lang)
            approval.with_context(**QUIET).activity_schedule(
                ACTIVITY_APPROVAL,
                user_id=decider.id,
                summary=worded._activity_summary(),
                note=worded._activity_note(),
            )

    def _decider(self):
        """Return the user that is asked."""
        return self.user_id

    def _activity_summary(self):
        return self.env._(
            "%(author)s wants to change your calendar",
            author=self.author_id.name or self.env._("Somebody"),
        )

    def _activity_note(self):
        note = self.env._(
            "Mails that Outlook would send in your name: %(mails)s. Open the change, "
            "and approve or reject it. Without your approval nothing is sent: the "
            "change lapses on %(until)s.",
            mails=self.mail_count,
            until=self._describe_deadline(),
        )
        return " ".join(filter(None, [self._describe_first_time(), note]))

    # ------------------------------------------------------------------
    # Before and after
    # ------------------------------------------------------------------

    @api.depends("before", "after", "field_names", "event_id.privacy")
    @api.depends_context("uid", "lang", "tz")
    def _compute_changes(self):
        for approval in self:
            known = approval._may_know()
            approval.changes = approval._changes_table() if known else False

    def _changes_table(self):
        """Return the HTML table of the changes."""
        before, after = stored_content(self.before), stored_content(self.after)
        if not after and not before:
            return False
        if self.operation == "update":
            shown = set(self.field_names or ()) - {DELETED, RECURRENCE}
        else:
            shown = {"subject", "times", "location", "attendees", "body"}
        Words = self.env["praetorx.ms365.conflict"]
        return Words._changes_table(shown, before, after)
