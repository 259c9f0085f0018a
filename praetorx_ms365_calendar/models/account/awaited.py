"""Changes that were notified and that no round has listed yet."""

from odoo import fields, models
from odoo.fields import Domain

from ...engine.awaited import Awaited, Notified
from ...engine.meetings import STATES_TO_VERIFY


class PraetorxMs365Account(models.Model):
    _inherit = "praetorx.ms365.account"

    awaited = fields.Json(
        groups=fields.NO_ACCESS,
        copy=False,
        help="Events that were notified and are looked for again.",
    )
    look_again_at = fields.Datetime(
        readonly=True,
        copy=False,
        help="When to look once more for a change that Microsoft told of too early.",
    )

    _look_again_idx = models.Index("(look_again_at) WHERE look_again_at IS NOT NULL")

    def _await_notified(self, changes, *, lost=False):
        """Remember which events were notified, unless their change is known already.

        :param changes: ``(id, etag or None, change type)`` of each notification
        :param lost: notifications were lost
        """
        self.ensure_one()
        awaited = Awaited.from_json(self.awaited)
        awaited = awaited.with_notified(self._not_known(changes))
        if lost:
            awaited = awaited.with_lost()
        self._store_awaited(awaited)

    def _not_known(self, changes):
        """Yield the notified changes that must still be read."""
        ids = {remote_id for remote_id, _etag, _kind in changes if remote_id}
        links = self.env["praetorx.ms365.event.link"].search_fetch(
            Domain("account_id", "=", self.id) & Domain("remote_id", "in", list(ids)),
            ["remote_id", "change_key", "needs_read", "state"],
        )
        known = {link.remote_id: link for link in links}
        for remote_id, etag, kind in changes:
            link = known.get(remote_id)
            if not remote_id or (link and (link.needs_read or link._etag == etag)):
                continue  # it is read by its id, without a round
            if kind != "deleted":
                yield Notified(remote_id, etag or "")
            elif link and link.state in STATES_TO_VERIFY - {"gone"}:
                yield Notified(remote_id)

    def _forget_listed(self, listed):
        """Stop waiting for the changes that a page lists.

        :param listed: id -> etag or None
        """
        self.ensure_one()
        if self.awaited:
            awaited = Awaited.from_json(self.awaited)
            self._store_awaited(awaited.without_listed(listed))

    def _plan_look(self):
        """Decide when to look again, once all rounds have come to their end."""
        self.ensure_one()
        if self.look_again_at or any(self.calendar_ids.mapped("round_kind")):
            return
        pause = Awaited.from_json(self.awaited).pause()
        if pause is None:
            self._store_awaited(Awaited())
        else:
            self.look_again_at = fields.Datetime.now() + pause

    def _begin_look(self, now):
        """Ask for a further round if it is time for one."""
        self.ensure_one()
        if not self.look_again_at or self.look_again_at > now:
            return
        awaited = Awaited.from_json(self.awaited).after_look()
        self.write(
            {
                "awaited": awaited.to_json(),
                "look_again_at": False,
                "pull_requested_at": self.pull_requested_at or now,
            }
        )

    def _store_awaited(self, awaited):
        data = awaited.to_json() or False
        if (self.awaited or False) != data:
            self.awaited = data
        if not awaited and self.look_again_at:
            self.look_again_at = False
