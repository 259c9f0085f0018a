from typing import Any

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine.mail_impact import mail_impact


class PraetorxMs365OrganizerChange(models.TransientModel):
    """Give a meeting to another organizer, after showing the consequences.

    Outlook cannot change an organizer. So the mailbox of the new one creates the
    meeting again. Then the meeting of the old one is cancelled. Both steps mail the
    attendees.
    """

    _name = "praetorx.ms365.organizer.change"
    _description = "Change the Organizer of a Meeting"

    event_id = fields.Many2one(
        "calendar.event", required=True, readonly=True, ondelete="cascade"
    )
    organizer_id = fields.Many2one(
        related="event_id.user_id", string="Present Organizer"
    )
    new_organizer_id = fields.Many2one("res.users", domain="[('share', '=', False)]")
    keeps_former = fields.Boolean(
        "Stays Invited", default=True, help="The present organizer goes on attending."
    )
    obstacle = fields.Char(
        "Why Not", compute="_compute_consequences", compute_sudo=True
    )
    consequences = fields.Html(
        "What Will Happen", compute="_compute_consequences", compute_sudo=True
    )
    mail_count = fields.Integer(
        "Mails", compute="_compute_consequences", compute_sudo=True
    )

    @api.depends("event_id", "new_organizer_id", "keeps_former")
    def _compute_consequences(self):
        for wizard in self:
            event, organizer = wizard.event_id, wizard.new_organizer_id
            wizard.mail_count = 0
            wizard.consequences = False
            if not event._ms365_may_give_away():
                wizard.obstacle = self.env._("Only the organizer can do this.")
                continue
            wizard.obstacle = event._ms365_obstacle_to_organizer(organizer)
            if organizer and not wizard.obstacle:
                wizard._foresee()

    def _foresee(self):
        """Set the text about the consequences of the change, with everybody mailed."""
        event, former, new = self.event_id, self.organizer_id, self.new_organizer_id
        after = event._ms365_content_with_organizer(new, keeps_former=self.keeps_former)
        invited = mail_impact(None, after).invited
        cancelled = mail_impact(event._ms365_agreed_theirs(), None).cancelled
        self.mail_count = event._ms365_invitation_count(after) + len(cancelled)
        steps = [
            self.env._(
                "%(new)s's Outlook makes the meeting anew and invites %(people)s.",
                new=new.name,
                people=self._describe_people(invited),
            ),
            self.env._(
                "Then %(former)s's Outlook cancels its meeting and tells %(people)s.",
                former=former.name,
                people=self._describe_people(cancelled),
            ),
            self.env._("Everybody is asked anew whether they attend."),
        ]
        if self.mail_count > len(invited) + len(cancelled):
            steps.insert(
                1,
                self.env._(
                    "Occurrences of the series that differ, or were deleted, are told "
                    "one by one: that makes %(count)s mails in all.",
                    count=self.mail_count,
                ),
            )
        if event.teams_meeting_url:
            steps.append(
                self.env._("The Teams link is replaced by a new one, of %s.", new.name)
            )
        if not self.env.user._ms365_may_act_for(new):
            steps.insert(
                0,
                self.env._("%(new)s is asked first, and has to agree.", new=new.name),
            )
        self.consequences = Markup("<ol>%s</ol>") % Markup().join(
            Markup("<li>%s</li>") % step for step in steps
        )

    def _describe_people(self, people):
        """Return the number of people and their names as a text."""
        if not people:
            return self.env._("nobody")
        names = ", ".join(one.name or one.email for one in people)
        if len(people) == 1:
            return self.env._("1 person (%(names)s)", names=names)
        return self.env._(
            "%(count)s people (%(names)s)", count=len(people), names=names
        )

    def action_change(self) -> dict[str, Any]:
        """Change the organizer; the outbox sends the steps in a safe order."""
        self.ensure_one()
        event, new = self.event_id, self.new_organizer_id
        event._ms365_lock()
        event._ms365_check_may_change_organizer()
        if not new:
            raise UserError(self.env._("Choose the new organizer first."))
        if self.obstacle:
            raise UserError(self.obstacle)
        event._ms365_change_organizer(new, keeps_former=self.keeps_former)
        return {"type": "ir.actions.act_window_close"}
