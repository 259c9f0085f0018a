from odoo import api, fields, models

from ...const import NO_MAIL
from ...engine.reasons import because

ACTIVITY_HELD = "praetorx_ms365_calendar.mail_activity_held"


class PraetorxMs365Hold(models.Model):
    """Many deletions at once: none is carried out until a person has decided.

    Everything else of the mailbox goes on syncing. More deletions of the same mailbox
    and direction join the open hold.
    """

    _name = "praetorx.ms365.hold"
    _description = "Microsoft 365 Held Deletions"
    _inherit = ["praetorx.ms365.bookkeeping"]
    _order = "id desc"

    account_id = fields.Many2one(
        "praetorx.ms365.account", required=True, ondelete="cascade", index=True
    )
    display_name = fields.Char("What")
    user_id = fields.Many2one(related="account_id.user_id", store=True)
    company_id = fields.Many2one(related="account_id.company_id")
    direction = fields.Selection(
        [
            ("to_odoo", "Deleted in Outlook, still in Odoo"),
            ("to_outlook", "Deleted in Odoo, still in Outlook"),
        ],
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        [
            ("open", "Waiting for a decision"),
            ("approved", "Deleted"),
            ("kept", "Kept"),
            ("over", "Over by itself"),
        ],
        default="open",
        required=True,
        readonly=True,
    )
    is_reset = fields.Boolean(
        readonly=True, help="Decided before, in the dialog that resets an account."
    )
    link_ids = fields.One2many("praetorx.ms365.event.link", "hold_id")
    event_count = fields.Integer(
        "Events",
        compute="_compute_counts",
        help="Of a series, its events that are to come.",
    )
    mail_count = fields.Integer(
        "Mails",
        compute="_compute_counts",
        help="How many people Outlook tells that a meeting is cancelled.",
    )
    summary = fields.Char(compute="_compute_summary")
    decided_by_id = fields.Many2one("res.users", readonly=True)
    decided_at = fields.Datetime(readonly=True)

    _open_unique = models.UniqueIndex(
        "(account_id, direction) WHERE state = 'open'",
        "Deletions of this mailbox are held already.",
    )

    @api.depends("direction", "link_ids.held_count", "link_ids.lost_days")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for hold in self:
            hold.display_name = hold._headline()

    def _headline(self):
        """Say how many events were deleted, and which series have lost dates."""
        links_sudo = self.sudo().link_ids
        going_on = links_sudo.filtered("lost_days")
        whole = links_sudo - going_on
        in_outlook = self.direction == "to_odoo"
        if going_on and not whole:
            words = going_on._describe_shortened(starts_sentence=True)
            if in_outlook:
                return self.env._("%(what)s in Outlook", what=words)
            return self.env._("%(what)s in Odoo", what=words)
        what = whole._describe_deleted()
        if in_outlook:
            words = self.env._("%(what)s deleted in Outlook", what=what)
        else:
            words = self.env._("%(what)s deleted in Odoo", what=what)
        if not going_on:
            return words
        return self.env._(
            "%(deleted)s, and %(shortened)s",
            deleted=words,
            shortened=going_on._describe_shortened(),
        )

    @api.depends("link_ids.held_count", "direction")
    def _compute_counts(self):
        for hold in self:
            links_sudo = hold.sudo().link_ids
            hold.event_count = links_sudo._count_held()
            hold.mail_count = 0
            if hold.direction == "to_outlook":
                own = links_sudo.filtered("is_organizer")
                hold.mail_count = own._mails_to_delete()

    @api.depends("direction", "state", "link_ids")
    @api.depends_context("lang")
    def _compute_summary(self):
        for hold in self:
            hold.summary = hold._summary()

    def _summary(self):
        """Describe the held deletions, and the effect of each button."""
        self.ensure_one()
        if self.state != "open":
            return False
        if self.direction == "to_odoo":
            words = self.env._(
                "%(headline)s. Odoo still has these events. “Delete them” archives "
                "them in Odoo, where they can be brought back for 30 days. “Keep them” "
                "leaves them in Odoo only: an event that is edited then goes to "
                "Outlook again, as a new one.",
                headline=self._headline(),
            )
            return self._with_series_that_go_on(
                words,
                self.env._(
                    "What a series that goes on has lost can be kept only as events of "
                    "their own, and cannot be brought back later. Until this is "
                    "decided, that series is not synced."
                ),
            )
        mails = self.env._(
            "Cancellations that Outlook then mails: %(mails)s. They cannot be taken "
            "back.",
            mails=self.mail_count,
        )
        words = self.env._(
            "%(headline)s. Outlook still has these events. “Delete them” deletes them "
            "there as well. %(mails)s “Take back” restores archived events in Odoo; "
            "those that were deleted for good come back from Outlook as new events, "
            "without chatter and links.",
            headline=self._headline(),
            mails=mails if self.mail_count else self.env._("Nobody gets a mail."),
        )
        return self._with_series_that_go_on(
            words,
            self.env._(
                "A series that goes on then has its times and its repetition from "
                "Outlook again. Until this is decided, no changes of it are sent."
            ),
        )

    def _with_series_that_go_on(self, words, more):
        """Add a sentence on series that lose some of their events."""
        going_on = self.sudo().link_ids.filtered("lost_days")
        return f"{words} {more}" if going_on else words

    # ------------------------------------------------------------------
    # Holding
    # ------------------------------------------------------------------

    @api.model
    def _hold(self, account, direction, links, lost_days=None):
        """Hold these deletions, together with the ones that are held already.

        :param lost_days: link -> days that a series loses while it goes on
        """
        hold = self._open_hold(account, direction)
        new = links - hold.link_ids
        if direction == "to_outlook":
            reason = because("many_deletions")
            links._entries(["pending"]).write({"state": "held", "reason": reason})
        if links:
            hold = hold or self.create(
                {"account_id": account.id, "direction": direction}
            )
            hold._add_links(links, lost_days or {})
        if not new:
            return hold
        new._rows()._ms365_show_state("pending")
        hold._ask()
        self.env["praetorx.ms365.sync.log"]._log(
            account,
            direction="pull" if direction == "to_odoo" else "push",
            origin="outlook" if direction == "to_odoo" else "odoo",
            operation="delete",
            outcome="held",
            reason=because("many_deletions"),
        )
        return hold

    def _add_links(self, links, lost_days):
        """Have these deletions be part of this hold, and count them."""
        for link in links:
            days = lost_days.get(link) or (
                link.lost_days if link in self.link_ids else ()
            )
            vals = {
                "hold_id": self.id,
                "lost_days": sorted(days) if days else False,
                "held_count": len(days) if days else link._coming_count(),
            }
            known = {name: link[name] for name in vals} | {"hold_id": link.hold_id.id}
            if vals != known:
                link.write(vals)

    @api.model
    def _agreed(self, account, direction, links, **vals):
        """Record that a person has just agreed to these deletions."""
        hold = self.create(
            {
                "account_id": account.id,
                "direction": direction,
                "state": "approved",
                "decided_by_id": self.env.uid,
                "decided_at": fields.Datetime.now(),
                **vals,
            }
        )
        hold._add_links(links, {})
        return hold

    @api.model
    def _open_hold(self, account, direction):
        """Return the hold that waits for a decision, empty if there is none."""
        return self.search(
            [
                ("account_id", "=", account.id),
                ("direction", "=", direction),
                ("state", "=", "open"),
            ]
        )

    def _ask(self):
        """Leave the owner an activity, once per mailbox."""
        account = self.account_id
        env = account.user_id.with_context(lang=account.user_id.lang).env
        if not account.activity_search([ACTIVITY_HELD]):
            account.with_context(**NO_MAIL).activity_schedule(
                ACTIVITY_HELD,
                user_id=account.user_id.id,
                summary=env._("Should these events be deleted?"),
                note=env._(
                    "Many events were deleted at once, on one side only so far: "
                    "nothing more is deleted until you decide. Open “Held Deletions”."
                ),
            )

    def _close(self, state, decider=None):
        self.write(
            {
                "state": state,
                "decided_by_id": decider.id if decider else False,
                "decided_at": fields.Datetime.now(),
            }
        )
        still_open = self.search([("account_id", "in", self.account_id.ids)]).filtered(
            lambda hold: hold.state == "open"
        )
        (self.account_id - still_open.account_id).activity_unlink([ACTIVITY_HELD])

    def _close_if_empty(self):
        """Nothing is left to decide: the events are back, or gone on both sides."""
        self.filtered(lambda hold: hold.state == "open" and not hold.link_ids)._close(
            "over"
        )

    # ------------------------------------------------------------------
    # Deciding
    # ------------------------------------------------------------------

    def action_delete(self) -> None:
        """Carry out the held deletions, but not of events that have come back."""
        for hold in self._to_decide(deletes=True):
            hold._close("approved", self.env.user)
            if hold.direction == "to_odoo":
                hold.link_ids.needs_read = True  # Outlook may have them again since
            else:
                hold.link_ids._look_before_cancelling()
            hold.link_ids._entries(["held"])._agree_to_mails().write(
                {
                    "state": "pending",
                    "reason": False,
                    "not_before": fields.Datetime.now(),
                }
            )
            hold._wake()

    def action_keep(self) -> None:
        """Keep the events: do not repeat the deletions on the other side."""
        for hold in self._to_decide():
            hold._close("kept", self.env.user)
            if hold.direction == "to_odoo":
                hold.link_ids._keep_in_odoo()
            else:
                hold.link_ids._undo_deletion()
            hold._wake()

    def _to_decide(self, *, deletes=False):
        """Return the open ones with full rights.

        :param deletes: whether they are about to be carried out
        :raise AccessError: they are of somebody else
        """
        self.check_access("read")
        for hold in self:
            mails = hold.mail_count if deletes else 0
            if not self.env.user._ms365_may_decide_for(hold.user_id, mails):
                raise hold.sudo().account_id._owner_decides()
        to_decide = self.sudo().filtered(lambda hold: hold.state == "open")
        to_decide.link_ids._all_events()._ms365_lock()
        return to_decide

    def _wake(self):
        self.account_id._request_pull(fresh_seconds=0)
        self.env.ref("praetorx_ms365_calendar.ir_cron_dispatch")._trigger()
