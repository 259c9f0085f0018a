from psycopg2.errors import UniqueViolation

from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...engine.reasons import because
from ...muted_sql_log import muted_sql_log


class PraetorxMs365Account(models.Model):
    """Keep two users out of one mailbox, in all companies of the database."""

    _inherit = "praetorx.ms365.account"

    signed_in_mailbox_id = fields.Char(
        readonly=True, copy=False, help="The mailbox that the present sign-in opens."
    )

    sign_in_problem = fields.Char(
        readonly=True, copy=False, help="Why the last sign-in connected no mailbox."
    )

    other_mailbox_at = fields.Datetime(
        readonly=True,
        copy=False,
        help="When another mailbox took the place of the former one: meetings from "
        "before may be in that one.",
    )

    _signed_in_mailbox_unique = models.UniqueIndex(
        "(signed_in_mailbox_id) WHERE signed_in_mailbox_id IS NOT NULL",
        "This mailbox is connected to another user.",
    )

    @api.model
    @tools.ormcache()
    def _other_mailboxes_since(self):
        """Return ``{account id: time}`` of accounts that had another mailbox before."""
        accounts = self.sudo().search(Domain("other_mailbox_at", "!=", False))
        return {account.id: account.other_mailbox_at for account in accounts}

    @api.model
    def _may_be_in_former_mailbox(self, account_id, meeting):
        """Return True if guests of a meeting may have it from a former mailbox.

        An edit of such a meeting would invite them a second time. So it waits for the
        owner's consent, as all meetings from before.

        :param meeting: an event or a series without a link to the present mailbox
        """
        since = self._other_mailboxes_since().get(account_id)
        return bool(since) and meeting.create_date < since

    def _is_taken(self, mailbox_id):
        """Return True if another user is signed in to a mailbox.

        A user who has disconnected only keeps the links to it, for a return.
        """
        self.ensure_one()
        connected_before_this_field = (
            Domain("mailbox_id", "=", mailbox_id)
            & Domain("state", "!=", "signed_out")
            & Domain("signed_in_mailbox_id", "=", False)
        )
        others = Domain("id", "!=", self.id) & (
            connected_before_this_field
            | Domain("signed_in_mailbox_id", "=", mailbox_id)
        )
        return bool(self.sudo().search_count(others, limit=1))

    def _reserve_mailbox(self, mailbox_id):
        """Store which mailbox the present sign-in opens, before anything is read.

        :raise UserError: another user has it, or was faster a moment ago
        """
        self.ensure_one()
        if self._is_taken(mailbox_id):
            raise UserError(self._describe_taken())
        try:
            with muted_sql_log(), self.env.cr.savepoint():
                self.signed_in_mailbox_id = mailbox_id
        except UniqueViolation:
            self.invalidate_recordset(["signed_in_mailbox_id"])
            raise UserError(self._describe_taken()) from None

    def _describe_taken(self):
        return self.env._(
            "This mailbox is already connected to another Odoo user. Nothing was read "
            "or stored. Choose another account, or ask that user to disconnect it."
        )

    def _is_as_before(self):
        """Return True unless the present sign-in opens another mailbox than before."""
        self.ensure_one()
        return self.signed_in_mailbox_id in (False, self.mailbox_id)

    def _take_over(self, mailbox_id):
        """Take a mailbox from a user who has disconnected, but kept the links to it.

        That user's events stay in Odoo. The mailbox brings own events to its new user:
        nobody becomes the organizer of somebody else's events.
        """
        self.ensure_one()
        former = self.search(
            Domain("mailbox_id", "=", mailbox_id) & Domain("id", "!=", self.id)
        )
        for account in former:
            account._forget_mailbox(because("mailbox_taken_over"))
            account._end_preview()
        former.mailbox_id = False
        self.signed_in_mailbox_id = mailbox_id
        self.flush_model(["mailbox_id"])
