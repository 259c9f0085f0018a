"""A yes is for the shown version only: later additions are shown again first."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...engine.authority import addresses_in
from ...engine.series import Series
from ...engine.snapshot import Content
from .approval import WAITS_FOR

#: Context key of a button: the version in its view, as in the field ``seen``.
SEEN = "ms365_seen"


class PraetorxMs365Approval(models.Model):
    _inherit = "praetorx.ms365.approval"

    seen = fields.Char(
        compute="_compute_seen",
        help="The version that a view shows; its buttons give it back.",
    )

    @api.depends("version")
    def _compute_seen(self):
        for approval in self:
            approval.seen = approval._as_seen()

    def _as_seen(self):
        """Return these approvals as somebody sees them now: ``id:version,...``."""
        return ",".join(f"{one.id}:{one.version}" for one in self)

    def _are_changed_since_seen(self, *, is_yes):
        """Return True if one of these differs from the version in the view.

        A no needs no check, since it sends nothing.

        :raise UserError: a yes without the shown version
        """
        told = self.env.context.get(SEEN)
        if not isinstance(told, str) or not told:
            if is_yes and self:
                raise UserError(
                    self.env._(
                        "Open the change and approve it there. You can approve only "
                        "the version that is shown to you."
                    )
                )
            return False
        seen = set(told.split(","))
        return any(one._as_seen() not in seen for one in self)

    def _show_new_addresses(self):
        """Show new addresses of guests that a yes would invite.

        :return: the approvals with added addresses
        """
        changed = self.browse()
        for approval in self.filtered(lambda one: one._invites()):
            addresses = approval._addresses_now() - approval._addresses_shown()
            if addresses:
                approval.write(
                    {
                        "mailed": [*(approval.mailed or ()), *sorted(addresses)],
                        "mail_count": approval.mail_count + len(addresses),
                        "version": approval.version + 1,
                    }
                )
                changed |= approval
        return changed

    def _ask_again(self, addresses, entries):
        """Wait for another yes: the agreed change would invite other addresses now.

        :param addresses: the addresses that were not shown
        :param entries: the entries that were about to be sent
        """
        self.ensure_one()
        self.write(
            {
                "state": "waiting",
                "decided_by_id": False,
                "decided_at": False,
                "expires_at": fields.Datetime.now() + WAITS_FOR,
                "mailed": [*(self.mailed or ()), *sorted(addresses)],
                "mail_count": self.mail_count + len(addresses),
            }
        )
        self._hold(entries)
        self._remind_owner()
        self._log("held")

    def _invites(self):
        """Return True if a yes adds guests to a meeting, or makes a meeting."""
        names = self.field_names or ()
        return self.operation == "create" or (
            self.operation == "update" and "attendees" in names
        )

    def _addresses_now(self):
        """Return the addresses that Outlook would invite for the guests now."""
        people = self._all_events().exists().partner_ids - self.user_id.partner_id
        return {address for one in people for address in one._ms365_addresses()[:1]}

    def _addresses_shown(self):
        """Return the shown addresses, and the addresses that Outlook has already.

        Guests that another edit is sending to Outlook need no approval here.
        """
        on_their_way = self.env["praetorx.ms365.outbox"]._of_edits(
            self.account_id, self.event_key, ["pending", "sending"]
        )
        link = self.link_id
        base = link._series_base or link._base
        sides = [base.ours, base.theirs] if base else []
        if self.after:
            kind = Series if "rule" in self.after else Content
            sides.append(kind.from_json(self.after))
        return on_their_way._added_guests().union(
            self.mailed or (), *map(addresses_in, sides)
        )

    def _look_again(self):
        """Return an action that says so, and has the view read everything again."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": self.env._(
                    "The event was changed again meanwhile. Please look again."
                ),
                "type": "warning",
                "sticky": True,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
