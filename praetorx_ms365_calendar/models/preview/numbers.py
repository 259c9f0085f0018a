"""The numbers of a preview, and the people that Outlook would mail."""

from typing import Any

from odoo import api, fields, models
from odoo.fields import Domain

from ...wording import PREVIEW, join_names, say

#: How many samples are shown of each kind.
SAMPLES = 3


class PraetorxMs365Preview(models.Model):
    _inherit = "praetorx.ms365.preview"

    odoo_create_count = fields.Integer("Created in Odoo", compute="_compute_numbers")
    link_count = fields.Integer("Linked", compute="_compute_numbers")
    odoo_change_count = fields.Integer("Changed in Odoo", compute="_compute_numbers")
    odoo_delete_count = fields.Integer("Deleted in Odoo", compute="_compute_numbers")
    outlook_create_count = fields.Integer(
        "Created in Outlook", compute="_compute_numbers"
    )
    outlook_change_count = fields.Integer(
        "Changed in Outlook", compute="_compute_numbers"
    )
    outlook_delete_count = fields.Integer(
        "Deleted in Outlook", compute="_compute_numbers"
    )
    ask_count = fields.Integer("Need a Decision", compute="_compute_numbers")
    left_out_count = fields.Integer("Left Out", compute="_compute_numbers")
    wait_count = fields.Integer("Wait to Be Sent", compute="_compute_numbers")
    wait_mail_count = fields.Integer("Mails", compute="_compute_numbers")
    mail_count = fields.Integer("Mails at Once", compute="_compute_numbers")
    mail_note = fields.Char(compute="_compute_numbers")
    wait_note = fields.Char(compute="_compute_numbers")
    sample_ids = fields.Many2many(
        "praetorx.ms365.preview.line", compute="_compute_samples"
    )

    @api.depends(
        "state", "line_ids", "only_from_today", "only_own", "without_attendees"
    )
    @api.depends_context("uid", "lang")
    def _compute_numbers(self):
        for preview in self:
            preview.update(preview._numbers())

    @api.depends(
        "state", "line_ids", "only_from_today", "only_own", "without_attendees"
    )
    def _compute_samples(self):
        """Show some lines of each kind, under the present choices."""
        Line = self.env["praetorx.ms365.preview.line"]
        actions = [name for name, _words in Line._fields["action"].selection]
        for preview in self:
            wanted = Domain("preview_id", "in", preview._origin.ids)
            wanted &= ~preview._unwanted_domain()
            preview.sample_ids = Line.union(
                *(
                    Line.search(
                        wanted & Domain("side", "=", side) & Domain("action", "=", one),
                        limit=SAMPLES,
                    )
                    for side in ("odoo", "outlook")
                    for one in actions
                )
            )

    def _numbers(self):
        """Return the numbers under the present choices, by name of their field."""
        Line_sudo = self.env["praetorx.ms365.preview.line"].sudo()
        of_preview = Domain("preview_id", "in", self._origin.ids)
        unwanted = self._unwanted_domain()
        counts = {
            (side, action): count
            for side, action, count in Line_sudo._read_group(
                of_preview & ~unwanted, ["side", "action"], ["__count"]
            )
        }
        mailing = Line_sudo.search(
            of_preview & ~unwanted & Domain("mail_count", ">", 0)
        )
        waiting = mailing.filtered(lambda line: line.action == "wait")
        at_once = mailing - waiting
        return {
            "odoo_create_count": counts.get(("odoo", "create"), 0),
            "link_count": counts.get(("odoo", "link"), 0),
            "odoo_change_count": counts.get(("odoo", "change"), 0),
            "odoo_delete_count": counts.get(("odoo", "delete"), 0),
            "outlook_create_count": counts.get(("outlook", "create"), 0),
            "outlook_change_count": counts.get(("outlook", "change"), 0),
            "outlook_delete_count": counts.get(("outlook", "delete"), 0),
            "ask_count": counts.get(("odoo", "ask"), 0),
            "left_out_count": counts.get(("odoo", "leave_out"), 0)
            + counts.get(("outlook", "leave_out"), 0)
            + Line_sudo.search_count(of_preview & unwanted),
            "wait_count": counts.get(("outlook", "wait"), 0),
            "wait_mail_count": sum(waiting.mapped("mail_count")),
            "mail_count": sum(at_once.mapped("mail_count")),
            "mail_note": self._describe_mails(at_once),
            "wait_note": self._describe_waiting(waiting),
        }

    def _unwanted_domain(self):
        """Return the domain of lines that the choices leave out.

        The real pass leaves them out in the same way: a meeting that is on both sides
        is linked in any case. See ``engine/choices.py``.
        """
        domains = []
        if self.only_from_today:
            domains.append(Domain("is_past", "=", True))
        if self.only_own:
            domains.append(
                Domain("by_others", "=", True) & Domain("action", "=", "create")
            )
        if self.without_attendees:
            domains.append(
                Domain("has_attendees", "=", True)
                & Domain("action", "in", ["create", "wait"])
            )
        return Domain.OR(domains) & Domain("action", "!=", "leave_out")

    def _describe_mails(self, lines):
        """Say whom Outlook mails as soon as the sync starts: nobody, as a rule."""
        if not lines:
            words = "no_mail_of_change" if self.is_change else "no_mail"
            return say(self.env, PREVIEW[words], self.user_id)
        return say(
            self.env,
            PREVIEW["mails"],
            self.user_id,
            mails=sum(lines.mapped("mail_count")),
            names=self._names_of(lines),
        )

    def _describe_waiting(self, lines):
        """Say whom Outlook mails once the owner sends the meetings that wait."""
        if not lines:
            return False
        return say(
            self.env,
            PREVIEW["waiting"],
            self.user_id,
            count=len(lines),
            mails=sum(lines.mapped("mail_count")),
            names=self._names_of(lines),
        )

    def _names_of(self, lines):
        """Return the first names of those people, and the number of the others."""
        names = sorted({name for line in lines for name in line.people or ()})
        return self._first_of(names, self.env._("%s people"))

    def _first_of(self, names, counted):
        """Return the first names and the number of the others; to others, a number.

        :param counted: text with a placeholder for the number
        """
        names = list(names)
        if self.user_id != self.env.user:
            return counted % len(names)
        return join_names(self.env, names)

    def action_open_lines(self) -> dict[str, Any]:
        """Open the lines behind one number, by the context of its button."""
        self.ensure_one()
        self.check_access("read")
        domain = Domain("preview_id", "=", self.id)
        action, side = (
            self.env.context.get(f"ms365_{one}") for one in ("what", "side")
        )
        unwanted = self._unwanted_domain()
        if action == "leave_out":
            domain &= Domain("action", "=", "leave_out") | unwanted
        else:
            domain &= ~unwanted
            if action:
                domain &= Domain("action", "=", action)
        if side:
            domain &= Domain("side", "=", side)
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": "praetorx.ms365.preview.line",
            "views": [(False, "list"), (False, "kanban")],
            "domain": list(domain),
        }
