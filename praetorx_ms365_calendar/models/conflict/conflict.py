from typing import Any

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError

from ...const import ACTIVITY_CONFLICT, CONFLICT_POLICIES, QUIET, WIZARD
from ...engine.merge import apply_choices
from ...engine.reasons import because
from ...engine.resolution import foresee
from ...engine.snapshot import Base, Content


class PraetorxMs365Conflict(models.Model):
    """A conflict: both sides changed the same fields. It stores both whole versions.

    Nothing is written on either side while a conflict is open. ``keep_odoo()``,
    ``keep_outlook()`` and ``keep_by_field()`` store a decision, which the worker
    carries out. A policy decides at once.
    Fields that only one side changed are merged in any case. Resolved conflicts stay
    readable.
    """

    _name = "praetorx.ms365.conflict"
    _description = "Microsoft 365 Conflict"
    # Activities need a thread: to note there that they were done.
    _inherit = [
        "praetorx.ms365.thread",
        "mail.activity.mixin",
        "praetorx.ms365.bookkeeping",
    ]
    _order = "id desc"

    account_id = fields.Many2one(
        "praetorx.ms365.account", required=True, ondelete="cascade", index=True
    )
    user_id = fields.Many2one(related="account_id.user_id", store=True)
    company_id = fields.Many2one(related="account_id.company_id")
    link_id = fields.Many2one(
        "praetorx.ms365.event.link", required=True, ondelete="cascade", index=True
    )
    event_id = fields.Many2one("calendar.event", ondelete="set null", index=True)
    state = fields.Selection(
        [("open", "Open"), ("resolved", "Resolved")], default="open", required=True
    )
    occurrence_day = fields.Char(
        help="Of a series: the day of the occurrence that is disputed, else all are."
    )
    rules = fields.Json(
        groups=fields.NO_ACCESS, help="Side -> how the series repeats, in words."
    )
    field_names = fields.Char(
        "Fields", help="What both sides changed to different values."
    )
    base = fields.Json(groups=fields.NO_ACCESS)
    ours = fields.Json(groups=fields.NO_ACCESS)
    theirs = fields.Json(groups=fields.NO_ACCESS)
    theirs_change_key = fields.Char()
    edited_at = fields.Datetime(
        "Changed in Odoo", readonly=True, help="When a person last did so, if known."
    )
    modified_at = fields.Datetime("Changed in Outlook", readonly=True)
    resolution = fields.Selection(
        [
            ("odoo", "Odoo's version kept"),
            ("outlook", "Outlook's version kept"),
            ("mixed", "Chosen field by field"),
            ("gone", "Both sides became the same"),
        ],
        readonly=True,
    )
    choices = fields.Json(
        readonly=True, copy=False, help="Name of a field -> the side whose value stays."
    )
    policy = fields.Selection(
        CONFLICT_POLICIES, "By Policy", readonly=True, help="Empty: a person decided."
    )
    resolved_by_id = fields.Many2one("res.users", readonly=True)
    resolved_at = fields.Datetime(readonly=True)

    _open_unique = models.UniqueIndex(
        "(link_id) WHERE state = 'open'", "This event has an open conflict already."
    )

    # ------------------------------------------------------------------
    # Contents
    # ------------------------------------------------------------------

    def _ours_content(self):
        """Return Odoo's version, None if the event is deleted here."""
        self.ensure_one()
        return Content.from_json(self.ours) if self.ours else None

    def _theirs_content(self):
        """Return Outlook's version, None if the event is deleted there."""
        self.ensure_one()
        return Content.from_json(self.theirs) if self.theirs else None

    def _base_content(self):
        """Return both sides when they last agreed, None if they never did."""
        self.ensure_one()
        return Base.from_json(self.base) if self.base else None

    # ------------------------------------------------------------------
    # Opening and closing
    # ------------------------------------------------------------------

    @api.model
    def _open_of(self, link):
        """Return the open conflict of a link, empty if there is none."""
        return self.search([("link_id", "=", link.id), ("state", "=", "open")], limit=1)

    @api.model
    def _open(self, link, names, **versions):
        """Record a conflict that a person has to decide, or bring it up to date.

        :param names: the fields in conflict, or ``deleted``
        :param versions: see :meth:`_save`
        """
        conflict = self._save(link, names, **versions)
        link.state = "conflict"
        link.event_id._ms365_write_bookkeeping({"ms365_sync_state": "conflict"})
        conflict._ask_the_owner()
        return conflict

    @api.model
    def _close_by_policy(self, link, merge, **versions):
        """Record the decision of a policy, so that each overwritten value has a trace.

        :param versions: see :meth:`_save`
        """
        choices = dict.fromkeys(merge.kept_odoo, "odoo")
        choices |= dict.fromkeys(merge.kept_outlook, "outlook")
        conflict = self._save(link, merge.decided, **versions)
        policy = link.account_id.user_id._ms365_conflict_policy()
        conflict._close(_resolution(choices), choices=choices, policy=policy)
        conflict._log_choices()

    @api.model
    def _close_gone(self, link):
        """Both sides have become the same: the conflict is over by itself."""
        self._open_of(link)._close("gone")

    @api.model
    def _save(self, link, names, *, ours, theirs, change_key, modified_at=None):
        """Return the open conflict of this link with these versions in it.

        :param ours: Odoo's content, None if the event is deleted here
        :param theirs: Outlook's content, None if it is deleted there
        :param change_key: Outlook's version
        :param modified_at: Graph's ``lastModifiedDateTime``, None if unknown
        """
        vals = {
            "field_names": ", ".join(sorted(names)),
            "base": link._base_of_conflict(),
            "ours": ours.to_json() if ours else False,
            "theirs": theirs.to_json() if theirs else False,
            "theirs_change_key": change_key,
            "edited_at": self.env["praetorx.ms365.outbox"]._edited_at(link),
            "modified_at": _whole_seconds(modified_at),
        }
        conflict = self._open_of(link)
        if conflict:
            conflict.write(vals)
            return conflict
        return self.with_context(**QUIET).create(
            vals
            | {
                "account_id": link.account_id.id,
                "link_id": link.id,
                "event_id": link._any_event().id,
            }
        )

    def _close(self, resolution, **vals):
        """End these conflicts and remove their reminders."""
        if not self:
            return
        self.write(
            {
                "state": "resolved",
                "resolution": resolution,
                "resolved_at": fields.Datetime.now(),
                **vals,
            }
        )
        self.env["praetorx.ms365.approval"].sudo()._cancels(self.link_id)._end_if_over()
        # As the system: whoever decided may have no address to write a note with.
        self.with_user(SUPERUSER_ID).with_context(**QUIET).activity_feedback(
            [ACTIVITY_CONFLICT]
        )

    def _ask_the_owner(self):
        """Remind the owner of the mailbox, without a word on the event itself."""
        if not self.activity_search([ACTIVITY_CONFLICT]):
            translate = self.with_context(lang=self.user_id.lang).env._
            self.with_context(**QUIET).activity_schedule(
                ACTIVITY_CONFLICT,
                user_id=self.user_id.id,
                summary=translate("Changed differently in Odoo and in Outlook"),
                note=translate(
                    "Nothing was overwritten on either side. Open the conflict, "
                    "compare both versions, and choose what stays."
                ),
            )

    def _log_choices(self):
        """Log one row for each side with values that stay."""
        for side, direction in (("odoo", "push"), ("outlook", "pull")):
            names = sorted(name for name, kept in self.choices.items() if kept == side)
            if names:
                self.env["praetorx.ms365.sync.log"]._log(
                    self.account_id,
                    event_id=self.event_id.id,
                    remote_id=self.link_id.remote_id,
                    direction=direction,
                    origin=side,
                    operation="resolve",
                    outcome="done",
                    field_names=", ".join(names),
                    reason=because("by_policy") if self.policy else False,
                )

    # ------------------------------------------------------------------
    # Deciding
    # ------------------------------------------------------------------

    def keep_odoo(self) -> None:
        """Resolve by writing Odoo's version of the conflicting fields to Outlook."""
        self._resolve("odoo")

    def keep_outlook(self) -> None:
        """Resolve by writing Outlook's version of the conflicting fields to Odoo."""
        self._resolve("outlook")

    def keep_by_field(self, choices: dict[str, str]) -> None:
        """Resolve field by field.

        :param choices: ``{name of a field in conflict: "odoo" or "outlook"}``, for each
            of them
        :raise UserError: a field in conflict is not among them
        """
        self.ensure_one()
        chosen = choices if isinstance(choices, dict) else {}
        chosen = {name: chosen.get(name) for name in self._disputed_names()}
        if not all(choice in ("odoo", "outlook") for choice in chosen.values()):
            raise UserError(self.env._("Choose a version for each field first."))
        self._resolve(chosen)

    def _resolve(self, choices):
        for conflict in self:
            conflict.check_access("read")
            conflict._check_may_resolve(choices)
            if conflict.state == "open":
                conflict.sudo().link_id._all_events()._ms365_lock()
                conflict.sudo()._resolve_as(choices, self.env.user)

    def _check_may_resolve(self, choices):
        """
        :raise UserError: it is somebody else's, or others would be mailed in the name
            of somebody else
        """
        user, owner = self.env.user, self.user_id
        if self.state != "open" or user._ms365_may_act_for(owner):
            return
        outcome = self.sudo()._foresee(choices)
        if not user._ms365_may_decide_for(owner, outcome.mails.count):
            raise UserError(
                self.env._("Only the owner of the calendar can resolve this conflict.")
            )

    def _foresee(self, choices):
        """Return the result of a decision, and the mails that it causes.

        :param choices: ``odoo`` or ``outlook``, or one of them for each field. Fields
            without a choice yet may be missing
        """
        self.ensure_one()
        link = self.link_id
        ours, theirs = self._live_content(), self._theirs_content()
        choices = self._choice_by_field(choices)
        merge = apply_choices(link._merge(ours, theirs), ours, choices)
        base = link._base_against(theirs)
        return foresee(
            base,
            ours,
            theirs,
            merge,
            is_organizer=link.is_organizer,
            deletes=link._delete_policy() != "off",
        )

    def _choice_by_field(self, choices):
        """Return the side that was chosen for each field.

        :param choices: ``odoo`` or ``outlook``, or one of them for each field
        """
        if isinstance(choices, str):
            return dict.fromkeys(self._disputed_names(), choices)
        return choices

    def _resolve_as(self, choices, resolver):
        """Store the choices and close the conflict; the worker carries them out.

        :param choices: ``odoo`` or ``outlook``, or one of them for each field
        """
        self.ensure_one()
        self.link_id._resolve(choices, self._theirs_content(), self.theirs_change_key)
        choices = self._choice_by_field(choices)
        self._close(_resolution(choices), choices=choices, resolved_by_id=resolver.id)
        self._log_choices()

    def action_decide(self) -> dict[str, Any]:
        """Open both versions side by side, to choose or to see the choices."""
        self.ensure_one()
        self.check_access("read")
        if self.state != "open":
            return self._get_records_action()
        return self.env[WIZARD]._start(self)

    # ------------------------------------------------------------------
    # Edits made in Odoo meanwhile
    # ------------------------------------------------------------------

    def _review(self):
        """Look again after an edit in Odoo: it may have ended the conflict."""
        for conflict in self:
            if conflict.link_id.is_series:  # it is read, and merged, as a whole
                conflict.link_id.needs_read = True
                conflict.account_id._request_pull(fresh_seconds=0)
                continue
            ours = conflict._live_content()
            theirs = conflict._theirs_content()
            if ours is None and theirs is None:
                conflict._close("gone")
            elif ours and theirs:
                conflict._review_versions(ours, theirs)
            elif ours:
                conflict.ours = ours.to_json()

    def _review_versions(self, ours, theirs):
        merge = self.link_id._merge(ours, theirs)
        if merge.conflicts:
            self.write(
                {
                    "field_names": ", ".join(sorted(merge.conflicts)),
                    "ours": ours.to_json(),
                }
            )
            return
        self._close("gone")
        self.link_id._carry_out_when_read()

    def _version(self):
        """Return a value that changes whenever one of the sides changes."""
        self.ensure_one()
        ours = self._live_content()
        return f"{ours.hash if ours else ''} {self.theirs_change_key or ''}"

    def _live_content(self):
        """Return the content in Odoo now, None if the event is deleted there."""
        if self.link_id.is_series:
            return self.link_id._series_live_content(self.occurrence_day)
        event = self.event_id
        return event._ms365_read_contents()[event] if event.active else None


def _resolution(choices):
    """Return the resolution of a conflict."""
    sides = set(choices.values())
    return sides.pop() if len(sides) == 1 else "mixed"


def _whole_seconds(modified_at):
    """Return a time as Graph wrote it in the way of Odoo."""
    return (modified_at or "")[:19].replace("T", " ") or False
