from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

#: Older notifications are dropped: polling has read those changes.
KEPT = timedelta(days=2)

KINDS = [
    ("change", "Something changed"),
    ("reauthorizationRequired", "Subscription is about to pause"),
    ("subscriptionRemoved", "Subscription was removed"),
    ("missed", "Notifications were lost"),
    ("start", "The owner has started the sync"),
]


class PraetorxMs365Notification(models.Model):
    """A hint by Graph that a mailbox should be read. It is never believed beyond that.

    Rows are written by the webhook and taken away by the puller, many at once.
    """

    _name = "praetorx.ms365.notification"
    _description = "Microsoft 365 Notification"
    _inherit = ["praetorx.ms365.bookkeeping"]
    _order = "id desc"
    _log_access = False

    account_id = fields.Many2one(
        "praetorx.ms365.account", required=True, ondelete="cascade", index=True
    )
    subscription_id = fields.Many2one(
        "praetorx.ms365.subscription",
        ondelete="cascade",
        index=True,
        help="None where somebody of this Odoo asked for the mailbox to be read.",
    )
    kind = fields.Selection(KINDS, required=True)
    remote_id = fields.Char(readonly=True)
    etag = fields.Char("ETag", readonly=True, help="Of the event after the change.")
    change_type = fields.Char(readonly=True)
    received_at = fields.Datetime(required=True, index=True)

    _lifecycle_idx = models.Index("(account_id) WHERE kind != 'change'")

    @api.model
    def _store(self, rows):
        """Insert verified notifications.

        :param rows: ``(account id, subscription id or None, kind)``, and of changes
            ``(..., remote id, etag, change type)``, each of them or None
        """
        if not rows:
            return
        now = fields.Datetime.now()
        rows = [(*row, None, None, None)[:6] for row in rows]
        values = SQL(", ").join((*row, now) for row in rows)
        self.env.cr.execute(
            SQL(
                """INSERT INTO praetorx_ms365_notification
                      (account_id, subscription_id, kind, remote_id, etag,
                       change_type, received_at)
                   VALUES %s""",
                values,
            )
        )

    @api.model
    def _pop(self, account):
        """Remove and return the notifications of a mailbox that is about to be read.

        News about the subscription is stored there. The named events are stored in the
        account. If the owner has pressed *Start* meanwhile, the sync starts.

        :return: how many there were, and the set of lifecycle kinds among them
        """
        self.flush_model()
        taken = self.env.execute_query(
            SQL(
                """DELETE FROM praetorx_ms365_notification
                    WHERE id IN (SELECT id FROM praetorx_ms365_notification
                                  WHERE account_id = %s
                                    FOR UPDATE SKIP LOCKED)
                RETURNING subscription_id, kind, remote_id, etag, change_type""",
                account.id,
            )
        )
        self.invalidate_model(flush=False)
        by_kind, changes = {}, []
        for subscription_id, kind, *change in taken:
            if kind == "change":
                changes.append(tuple(change))
            else:
                by_kind.setdefault(kind, set()).add(subscription_id)
        # Without a subscription, somebody of this Odoo has asked: nothing was lost.
        lost = bool(by_kind.get("missed", set()) - {None})
        if changes or lost:
            account._await_notified(changes, lost=lost)
        if by_kind.pop("start", None):
            account._open_preview()._start()
        for kind, ids in by_kind.items():
            self.env["praetorx.ms365.subscription"].browse(
                ids - {None}
            )._apply_lifecycle(kind)
        hints = [kind for _subscription_id, kind, *_change in taken if kind != "start"]
        return len(hints), set(by_kind)

    @api.model
    def _accounts_with_lifecycle(self):
        groups = self._read_group([("kind", "!=", "change")], ["account_id"])
        return self.env["praetorx.ms365.account"].union(
            *(account for [account] in groups)
        )

    @api.autovacuum
    def _gc_old(self):
        limit = 10_000
        old = self.search(
            Domain("received_at", "<", fields.Datetime.now() - KEPT), limit=limit
        )
        old.unlink()
        return len(old), len(old) == limit
