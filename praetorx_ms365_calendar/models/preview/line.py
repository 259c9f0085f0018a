from odoo import api, fields, models

from ...wording import sentence_of


class PraetorxMs365PreviewLine(models.Model):
    """One meeting in a preview, with its action and the side that changes."""

    _name = "praetorx.ms365.preview.line"
    _description = "Microsoft 365 Preview Line"
    _inherit = ["praetorx.ms365.bookkeeping"]
    _order = "start, id"
    _rec_name = "title"

    preview_id = fields.Many2one(
        "praetorx.ms365.preview", required=True, ondelete="cascade", index=True
    )
    user_id = fields.Many2one(related="preview_id.user_id", store=True)
    company_id = fields.Many2one(related="preview_id.company_id")
    side = fields.Selection(
        [("odoo", "Odoo"), ("outlook", "Outlook")], "Where", readonly=True
    )
    action = fields.Selection(
        [
            ("create", "Created"),
            ("link", "Linked"),
            ("change", "Changed"),
            ("delete", "Deleted"),
            ("wait", "Waits to be sent"),
            ("ask", "Needs a decision"),
            ("leave_out", "Left out"),
            ("end", "Not sent any more"),
        ],
        "What",
        required=True,
        readonly=True,
    )
    subject = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    title = fields.Char("Event", compute="_compute_title", compute_sudo=True)
    start = fields.Datetime("Starts", readonly=True)
    is_series = fields.Boolean("Series", readonly=True)
    is_past = fields.Boolean(readonly=True, help="It is over before today.")
    by_others = fields.Boolean(readonly=True, help="Another person organizes it.")
    has_attendees = fields.Boolean(readonly=True)
    mail_count = fields.Integer(
        "Mails", readonly=True, help="Mails of Outlook, once you send the meeting."
    )
    people = fields.Json(
        readonly=True, groups=fields.NO_ACCESS, help="Names of who would be mailed."
    )
    people_note = fields.Char(
        "Invited", compute="_compute_people_note", compute_sudo=True
    )
    reason = fields.Char(readonly=True, groups=fields.NO_ACCESS)
    reason_note = fields.Char("Why", compute="_compute_reason_note", compute_sudo=True)
    is_unwanted = fields.Boolean(
        compute="_compute_is_unwanted",
        search="_search_is_unwanted",
        help="A choice of the owner leaves it out.",
    )
    remote_id = fields.Char(readonly=True)
    ical_uid = fields.Char(readonly=True)
    event_key = fields.Integer(readonly=True)
    recurrence_key = fields.Integer(readonly=True)

    _remote_idx = models.Index("(preview_id, remote_id)")
    _uid_idx = models.Index("(preview_id, ical_uid) WHERE ical_uid IS NOT NULL")

    @api.depends("subject")
    @api.depends_context("uid", "lang")
    def _compute_title(self):
        """Show the title to the owner only: the events are not in Odoo yet."""
        for line in self:
            if line.user_id == self.env.user:
                line.title = line.subject or self.env._("(No title)")
            else:
                line.title = self.env._("Event of %s", line.user_id.name)

    @api.depends("people")
    @api.depends_context("uid")
    def _compute_people_note(self):
        for line in self:
            is_mine = line.user_id == self.env.user
            line.people_note = ", ".join(line.people or ()) if is_mine else False

    @api.depends("reason")
    @api.depends_context("uid", "lang")
    def _compute_reason_note(self):
        for line in self:
            is_mine = line.user_id == self.env.user
            line.reason_note = line._describe_reason() if is_mine else False

    def _describe_reason(self):
        """Return why a meeting is left out, or waits."""
        env = self.env
        if self.action == "wait":
            return env._("Outlook would mail its attendees. You send it yourself.")
        match self.reason:
            case "waiting":
                return env._("It comes with the mailbox of its organizer.")
            case "other_view":
                return env._("Another synced calendar has it already.")
            case "second_copy":
                return env._("Another copy of the same meeting comes to Odoo.")
            case "many_deletions":
                return env._("Many events are deleted at once. You are asked first.")
            case "edit_ends":
                return env._("This edit is not in Outlook yet. It is not sent then.")
            case "approval_ends":
                return env._("Somebody waits for an approval. It ends without one.")
            case "conflict_ends":
                return env._("This conflict is open. It ends without a decision.")
            case "not_wanted":
                return env._("Its calendar is not synced in this direction.")
        return sentence_of(env, self.reason) if self.reason else False

    @api.depends(
        "action",
        "preview_id.only_from_today",
        "preview_id.only_own",
        "preview_id.without_attendees",
    )
    def _compute_is_unwanted(self):
        for line in self:
            line.is_unwanted = bool(
                line.filtered_domain(line.preview_id._unwanted_domain())
            )

    def _search_is_unwanted(self, operator, value):
        """Find lines of the previews that the user may see."""
        if operator != "in":
            return NotImplemented
        domain = fields.Domain.OR(
            fields.Domain("preview_id", "=", preview.id) & preview._unwanted_domain()
            for preview in self.env["praetorx.ms365.preview"].search([])
        )
        return domain if True in value else ~domain
