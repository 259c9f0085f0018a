from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...const import PREVIEW_CHANGED
from ...engine.mail_guard import Mails
from ...engine.plan import pushes
from ...engine.reasons import because
from ...wording import PREVIEW, say

#: Proposed settings that the owner may write: see ``change.py``.
PROPOSED = frozenset({"days_back", "days_ahead", "direction", "calendar_ids"})

#: Fields that the owner may write. The sync writes the others with sudo.
CHOICES = ("only_from_today", "only_own", "without_attendees")


class PraetorxMs365Preview(models.Model):
    """What the first reading of a mailbox will do, before anything is done.

    The puller fills it page by page: it runs the real steps and undoes them, see
    ``sync/apply/dry_run.py``. Nothing is read into Odoo and nothing is sent until the
    owner presses *Start*.
    """

    _name = "praetorx.ms365.preview"
    _description = "Microsoft 365 Preview"
    _inherit = ["praetorx.ms365.bookkeeping"]
    _order = "id desc"

    display_name = fields.Char("Preview")
    account_id = fields.Many2one(
        "praetorx.ms365.account", required=True, ondelete="cascade", index=True
    )
    user_id = fields.Many2one(related="account_id.user_id", store=True)
    company_id = fields.Many2one(related="account_id.company_id")
    awaits_start = fields.Boolean(related="account_id.awaits_start")
    state = fields.Selection(
        [
            ("computing", "Being computed"),
            ("ready", "Ready"),
            ("over", "Over"),
        ],
        default="computing",
        required=True,
        readonly=True,
    )
    computed_at = fields.Datetime("Computed", readonly=True)
    read_count = fields.Integer("Events Read", readonly=True)
    outlook_outside_count = fields.Integer(
        "Outside the Window in Outlook",
        readonly=True,
        help="Events and series of Outlook that stay there, as they are outside the "
        "window.",
    )
    odoo_outside_count = fields.Integer(
        "Outside the Window in Odoo",
        readonly=True,
        help="Events and series of Odoo that stay there, as they are outside the "
        "window.",
    )
    progress = fields.Float(readonly=True, help="In percent.")
    work = fields.Json(
        readonly=True,
        groups=fields.NO_ACCESS,
        copy=False,
        help="What is left to read: see sync/pull/preview.py.",
    )
    line_ids = fields.One2many("praetorx.ms365.preview.line", "preview_id")

    only_from_today = fields.Boolean(
        "Only from today on",
        help="Events that are over stay where they are: in Outlook or in Odoo.",
    )
    only_own = fields.Boolean(
        "Only where I am the organizer",
        help="Meetings that other people organize do not come to Odoo.",
    )
    without_attendees = fields.Boolean(
        "Without meetings that have attendees",
        help="Only events without attendees come to Odoo, or go to Outlook.",
    )

    _open_unique = models.UniqueIndex(
        "(account_id) WHERE state != 'over'",
        "There is a preview of this mailbox already.",
    )

    _CHOICES = CHOICES

    @api.depends("account_id.awaits_start")
    @api.depends_context("uid", "lang")
    def _compute_display_name(self):
        for preview in self:
            if preview.awaits_start:
                preview.display_name = say(self.env, PREVIEW["title"], preview.user_id)
            else:
                preview.display_name = self.env._("What a change will do")

    def write(self, vals):
        if not self.env.su:
            if not vals.keys() <= {*CHOICES, *PROPOSED}:
                raise AccessError(self.env._("Only the sync writes its previews."))
            self._check_is_mine()
            self.account_id._check_choices(vals)
        if vals.get("days_back"):
            vals = {**vals, "only_from_today": False}
        result = super().write(vals)
        if not self.env.su and PROPOSED & vals.keys():
            self.sudo()._compute_again()
        return result

    def _check_is_mine(self):
        for preview in self:
            preview.account_id._check_owner()

    # ------------------------------------------------------------------
    # Work of the puller
    # ------------------------------------------------------------------

    @api.model
    def _begin(self, account):
        """Have a preview of a mailbox computed, in place of an older one."""
        account._open_preview()._end()
        proposal = self._proposal_of(account)
        self.create({"account_id": account.id, **account._chosen(), **proposal})
        self.env.ref("praetorx_ms365_calendar.ir_cron_pull").sudo()._trigger()

    def _end(self):
        """Forget the samples: they are of no use once the sync has begun."""
        self.line_ids.unlink()
        self.write({"state": "over", "work": False})
        self.flush_recordset()  # the unique index knows one open preview

    def _add(self, lines):
        """Store lines, but none twice: two pages may be about one meeting."""
        self.ensure_one()
        Line = self.env["praetorx.ms365.preview.line"]
        found = Line.search(
            [
                ("preview_id", "=", self.id),
                "|",
                ("remote_id", "in", _values(lines, "remote_id")),
                ("ical_uid", "in", _values(lines, "ical_uid")),
            ]
        )
        known = {(line.action, line.remote_id) for line in found}
        brought = {
            line.ical_uid: line.remote_id
            for line in found
            if line.action == "create" and line.ical_uid
        }
        new = []
        for vals in lines:
            if vals["action"] == "create":
                first = brought.setdefault(vals["ical_uid"] or "", vals["remote_id"])
                if vals["ical_uid"] and first != vals["remote_id"]:
                    vals = {**vals, "action": "leave_out", "reason": "second_copy"}
            key = vals["action"], vals["remote_id"]
            if vals["remote_id"] and key in known:
                continue
            known.add(key)
            new.append({"preview_id": self.id, **vals})
        Line.create(new)

    def _is_computed(self, lines):
        """Show the preview to its owner.

        :param lines: of the events in Odoo, from :meth:`_lines_of_odoo`
        """
        self.ensure_one()
        self._add(lines)
        now = fields.Datetime.now()
        self.write(
            {"state": "ready", "computed_at": now, "progress": 100, "work": False}
        )
        self._carry_out_if_harmless()
        self._tell_progress()

    def _tell_progress(self):
        """Have the open form of the owner show the new numbers."""
        for preview in self:
            preview.user_id._bus_send(PREVIEW_CHANGED, {"id": preview.id})

    def _lines_of_odoo(self):
        """Return the events that the first pass sends, keeps for the owner, or leaves.

        The same functions choose them: see ``models/account/first_pass.py``.
        """
        account = self.account_id
        if not pushes(account.direction):
            return []
        sent = account._to_send(of_series=False) | account._to_send(of_series=True)
        if account.ask_before_push:
            sent = sent.browse()
        unlinked = account._unlinked()
        waiting = account._waiting_for_consent(unlinked - sent)
        linked = self.line_ids.filtered(lambda line: line.action in ("link", "change"))
        event_ids = set(linked.mapped("event_key"))
        series_ids = set(linked.mapped("recurrence_key")) - {0}
        lacking = unlinked.filtered(
            lambda event: (
                event.id not in event_ids and event.recurrence_id.id not in series_ids
            )
        )
        inviting = lacking.filtered(
            lambda event: event._ms365_meeting()._ms365_invites_others()
        )
        mails = inviting._ms365_mails_of_creates()
        actions = dict.fromkeys(waiting, "wait") | dict.fromkeys(sent, "create")
        return [
            self._line_of(event, actions.get(event, "leave_out"), mails)
            for event in lacking
        ]

    def _line_of(self, event, action, mails_of_inviting):
        """Return the columns of a line about an event that Outlook lacks.

        :param mails_of_inviting: ``{event: Mails}`` of the events that invite others
        """
        account, meeting = self.account_id, event._ms365_meeting()
        mails = mails_of_inviting.get(event, Mails())
        stop = max(meeting._ms365_rows().mapped("stop"))
        return {
            "action": action,
            "side": "outlook",
            "subject": event.name,
            "start": event.start,
            "is_series": bool(event.recurrence_id),
            "is_past": stop < account._window_from_today()[0],
            "has_attendees": event in mails_of_inviting,
            "reason": action == "leave_out" and because("over"),
            "mail_count": action != "leave_out" and mails.count,
            "people": [one.name or one.email for one in mails.impact.people],
            "remote_id": False,
            "ical_uid": False,
        }

    # ------------------------------------------------------------------
    # Start
    # ------------------------------------------------------------------

    def action_start(self) -> dict[str, Any] | None:
        """Let the sync begin as shown, with the choices of the owner.

        A preview that is not complete is shown first, and so is one that is not what
        the owner saw, unless the owner does not want to look (``ms365_at_once`` in the
        context).

        While the puller computes the preview, it writes the same rows. Then it starts
        the sync itself, so that this request neither waits nor fails.
        """
        self.ensure_one()
        self.check_access("read")
        self._check_is_mine()
        preview_sudo = self.sudo()
        account_sudo = preview_sudo.account_id
        at_once = self.env.context.get("ms365_at_once")
        if preview_sudo.state == "computing":
            if not at_once:
                return None
            start = [(account_sudo.id, None, "start")]
            preview_sudo.env["praetorx.ms365.notification"]._store(start)
            self.env.ref("praetorx_ms365_calendar.ir_cron_pull").sudo()._trigger()
        elif not at_once and self._is_changed_since_seen():
            return self._look_again()
        else:
            preview_sudo._start()
        return account_sudo.with_env(self.env).action_open_mine() | {"target": "main"}

    def _start(self):
        """Have the mailbox start with these choices, unless it has started before."""
        for preview in self:
            if preview.account_id.awaits_start:
                preview._adopt()
                preview.account_id._start()

    def action_compute_again(self) -> None:
        """Compute the preview anew, because either side has changed since."""
        self.ensure_one()
        self.check_access("read")
        self.sudo()._compute_again()

    def _compute_again(self):
        """Compute again what is open; another tab may still show what is over."""
        for preview in self.filtered(lambda one: one.state != "over"):
            preview.line_ids.unlink()
            preview.write(
                {
                    "state": "computing",
                    "work": False,
                    "progress": 0,
                    "read_count": 0,
                    "outlook_outside_count": 0,
                    "odoo_outside_count": 0,
                    "version": preview.version + 1,
                }
            )
        self.env.ref("praetorx_ms365_calendar.ir_cron_pull").sudo()._trigger()

    @api.autovacuum
    def _gc_over(self):
        rows = self.search([("state", "=", "over")], limit=1000)
        rows.unlink()
        return len(rows), len(rows) == 1000


def _values(lines, name):
    """Return the values of one column that are not empty."""
    return [line[name] for line in lines if line[name]]
