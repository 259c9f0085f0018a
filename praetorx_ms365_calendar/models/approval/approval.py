from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ...const import QUIET
from ...engine.authority import changed_names
from ...engine.mail_impact import NOBODY

#: A change waits for this long; after that nothing of it is sent.
WAITS_FOR = timedelta(days=7)

APPROVAL_STATES = [
    ("waiting", "Waiting"),
    ("approved", "Approved"),
    ("rejected", "Rejected"),
    ("lapsed", "Lapsed"),
    ("withdrawn", "Withdrawn"),
    ("over", "Over by itself"),
]


class PraetorxMs365Approval(models.Model):
    """A change that waits for approval by the owner of the mailbox.

    While it waits, its outbox entries are ``held``. Four ways end it:

    - ``action_approve()``: the entries become ``pending``, and are sent. A yes is for
      the shown version only: see ``models/approval/seen.py``.
    - ``action_reject()``: nothing is sent, and Odoo's former values are restored.
    - ``_lapse()``: the same, when ``expires_at`` has passed.
    - ``_end_if_over()``: nothing is left to decide, see
      ``models/approval/over.py``.

    Other code asks by :meth:`_ask`, and adds its own ``kind``.
    """

    _name = "praetorx.ms365.approval"
    _description = "Microsoft 365 Approval"
    # Activities need a thread: to note there that they were done.
    _inherit = [
        "praetorx.ms365.thread",
        "mail.activity.mixin",
        "praetorx.ms365.bookkeeping",
    ]
    _order = "id desc"

    display_name = fields.Char("Event")
    account_id = fields.Many2one(
        "praetorx.ms365.account", required=True, ondelete="cascade", index=True
    )
    user_id = fields.Many2one(
        related="account_id.user_id", store=True, string="Calendar of"
    )
    company_id = fields.Many2one(related="account_id.company_id")
    kind = fields.Selection(
        [
            ("colleague", "Edited by a colleague"),
            ("noticed", "Changed without an edit of the event"),
            ("mails", "Mails many people"),
        ],
        required=True,
        readonly=True,
    )
    operation = fields.Selection(
        [
            ("create", "New event"),
            ("update", "Changed event"),
            ("cancel", "Deleted event"),
        ],
        required=True,
        readonly=True,
    )
    author_id = fields.Many2one(
        "res.users", readonly=True, ondelete="set null", index="btree_not_null"
    )
    event_id = fields.Many2one(
        "calendar.event",
        "Event in Odoo",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
    )
    recurrence_id = fields.Many2one(
        "calendar.recurrence",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
    )
    link_id = fields.Many2one(
        "praetorx.ms365.event.link",
        ondelete="set null",
        index="btree_not_null",
        readonly=True,
    )
    event_key = fields.Integer(readonly=True, help="As in the outbox.")
    entry_ids = fields.One2many("praetorx.ms365.outbox", "approval_id", "Outbox")
    field_names = fields.Json(
        groups=fields.NO_ACCESS, help="Names of the content fields that were changed."
    )
    before = fields.Json(
        groups=fields.NO_ACCESS, help="What Odoo held before: an event or a series."
    )
    after = fields.Json(groups=fields.NO_ACCESS, help="What Odoo held after it.")
    mail_count = fields.Integer("Mails", readonly=True)
    mailed = fields.Json(
        groups=fields.NO_ACCESS, help="Addresses of those who would be mailed."
    )
    text = fields.Char(
        readonly=True,
        groups=fields.NO_ACCESS,
        help="More words on the change, in the language of the owner.",
    )
    version = fields.Integer(
        readonly=True, help="Counts what has joined: a yes is for what was seen."
    )
    state = fields.Selection(
        APPROVAL_STATES, default="waiting", required=True, readonly=True
    )
    expires_at = fields.Datetime("Lapses", required=True, readonly=True)
    decided_by_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    decided_at = fields.Datetime(readonly=True)

    _waiting_idx = models.Index("(account_id, event_key) WHERE state = 'waiting'")
    _expires_idx = models.Index("(expires_at) WHERE state = 'waiting'")

    # ------------------------------------------------------------------
    # Asking
    # ------------------------------------------------------------------

    @api.model
    def _ask(
        self,
        entries,
        *,
        kind,
        operation,
        field_names=(),
        impact=NOBODY,
        mail_count=None,
        author=None,
        before=None,
        after=None,
        text=None,
    ):
        """Hold outbox entries of one event until the owner of the mailbox has decided.

        Changes of one event by the same author join one approval. Changes that come
        from no edit are asked about in their present form.
        A deletion and an edit are asked about one by one: either may be refused.

        :param entries: of one mailbox and one event or series, not sent yet
        :param kind: why it is asked, a value of ``kind``
        :param operation: ``create``, ``update`` or ``cancel``
        :param field_names: changed content fields. A no to an update takes only these
            back
        :param impact: the :class:`MailImpact` of the change
        :param mail_count: how many mails it makes, where ``impact`` does not tell
        :param author: author of the change, by default the current user
        :param before: :class:`Content` (:class:`Series`) that Odoo held before
        :param after: the same, after the change. With both given, edits of
            other users are sent without the change, and a no takes back exactly it
        :param text: more words for the owner, in the language of the owner
        :return: the approval
        """
        entries = entries.sudo()
        author = author or self.env.user
        is_edit = kind != "noticed" and bool(before and after)
        own = self._of_same_author(entries[-1], kind, operation, author)
        approval = own[-1:]
        known = () if kind == "noticed" else approval.field_names or ()
        if approval and is_edit:
            approval, before, after = own._with_further_edit(before, after)
            field_names, known = changed_names(before, after), ()
        vals = {
            "field_names": sorted({*field_names, *known}),
            "mail_count": impact.count if mail_count is None else mail_count,
            "mailed": [person.email or person.name for person in impact.people],
            "after": after.to_json() if after else False,
            "text": text,
            "expires_at": fields.Datetime.now() + WAITS_FOR,
        }
        if before:
            vals["before"] = before.to_json()
        if not approval:
            vals |= {"kind": kind, "operation": operation, "author_id": author.id}
            approval = self._create_for(entries[-1], vals)
        elif approval.operation == "create":
            approval.write(vals)
        else:
            approval.write({**vals, "operation": operation})
        approval._hold(entries)
        is_update = is_edit and approval.operation == "update"
        if is_update and not changed_names(before, after):
            approval._end_undone()
        return approval

    @api.model
    def _of_same_author(self, entry, kind, operation, author):
        """Return the waiting approvals that a further change by ``author`` may join.

        :param entry: an outbox entry of the event that is changed
        """
        waiting = self.sudo()._waiting_of(entry.account_id, [entry.event_key])
        return waiting.filtered(
            lambda one: (
                one.kind == kind
                and (kind != "colleague" or one.author_id == author)
                and {one.operation, operation} != {"update", "cancel"}
            )
        )

    @api.model
    def _create_for(self, entry, vals):
        """Create an approval for the event of an outbox entry, and tell the owner."""
        approval = (
            self.sudo()
            .with_context(**QUIET)
            .create(
                {
                    "account_id": entry.account_id.id,
                    "event_id": entry.event_id.id,
                    "recurrence_id": entry.recurrence_id.id,
                    "link_id": entry.link_id.id,
                    "event_key": entry.event_key,
                    **vals,
                }
            )
        )
        approval._remind_owner()
        approval._log("held")
        return approval

    def _hold(self, entries):
        """Hold more outbox entries with this approval, which is another one then."""
        self.version += 1
        reason = self._reason_while_waiting()
        entries.write({"state": "held", "reason": reason, "approval_id": self.id})
        entries._all_events()._ms365_show_state("pending")

    @api.model
    def _waiting_of(self, account, event_keys):
        """Return the waiting approvals of these events in one mailbox, oldest first.

        :param event_keys: as in the outbox
        """
        return self.search(
            [
                ("account_id", "=", account.id),
                ("event_key", "in", event_keys),
                ("state", "=", "waiting"),
            ],
            order="id",
        )

    @api.model
    def _cancels(self, link):
        """Return the deletions that wait for the owner's word, of these links."""
        return self.search(
            [
                ("link_id", "in", link.ids),
                ("operation", "=", "cancel"),
                ("state", "=", "waiting"),
            ]
        )

    @api.model
    def _any_waiting(self, accounts, event_keys):
        """Return True if anything waits of any of these events."""
        return bool(
            self.search_count(
                [
                    ("account_id", "in", accounts.ids),
                    ("event_key", "in", event_keys),
                    ("state", "=", "waiting"),
                ],
                limit=1,
            )
        )

    def _in_language_of_owner(self):
        """Return this approval in the language of the mailbox's owner."""
        return self.with_context(lang=self.user_id.lang)

    # ------------------------------------------------------------------
    # Deciding
    # ------------------------------------------------------------------

    @api.ondelete(at_uninstall=False)
    def _unlink_except_waiting(self):
        """Keep what waits: entries without their approval would stay held for ever.

        :raise AccessError: it waits for a decision
        """
        if any(approval.state == "waiting" for approval in self):
            raise AccessError(self.env._("Decide about this change first."))
