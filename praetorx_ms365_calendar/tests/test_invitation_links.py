from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from .common import DAY, SyncCase


@tagged("post_install", "-at_install")
class TestInvitationTokens(SyncCase):
    """Nobody answers in a colleague's name by a token that the database shows."""

    def invite(self):
        """Let Cleo, without sync, invite Anna."""
        return self.new_event(
            self.cleo, partner_ids=[Command.link(self.anna.partner_id.id)]
        )

    def test_nobody_reads_a_token(self):
        part = self.part_of(self.anna, self.invite())
        for user in (self.ben, self.cleo, self.anna):
            seen = part.with_user(user)
            with self.assertRaises(AccessError):
                seen.read(["access_token"])
            with self.assertRaises(AccessError):
                seen.search([("access_token", "=", part.sudo().access_token)])
            self.assertNotIn("access_token", seen.fields_get())

    def test_mails_carry_the_token(self):
        part = self.part_of(self.anna, self.invite())
        self.env.invalidate_all()
        Mail = self.env["mail.mail"].sudo()
        before = Mail.search([], limit=1, order="id desc").id
        self.anna.sudo().notification_type = "email"
        part.with_user(self.cleo)._send_invitation_emails()
        [mail] = Mail.search([("id", ">", before)])
        [values] = mail._prepare_outgoing_list()
        self.assertIn(part.sudo().access_token, values["body"])


@tagged("post_install", "-at_install")
class TestInvitationLinks(SyncCase, HttpCase):
    """The link of an invitation mail answers in Odoo; signed in, in Outlook as well."""

    def follow(self, part):
        url = "/calendar/meeting/accept?token=%s&id=%d"
        reply = self.url_open(url % (part.sudo().access_token, part.event_id.id))
        self.assertEqual(reply.status_code, 200)
        self.env.invalidate_all()

    def invited(self):
        """Return Ben's part in a meeting of Anna's that is in Outlook."""
        self.connect(self.ben)
        event = self.new_event(
            self.anna,
            partner_ids=[Command.link(self.ben.partner_id.id)],
            start=DAY,
        )
        event._ms365_write_bookkeeping({"ms365_sync_state": "synced"})
        return self.part_of(self.ben, event)

    def replies(self):
        return self.Outbox.search([("operation", "=", "respond")])

    def test_without_signing_in_the_reply_stays_in_odoo(self):
        part = self.invited()
        self.follow(part)
        self.assertEqual(part.state, "accepted")
        self.assertFalse(self.replies())

    def test_signed_in_the_reply_is_sent(self):
        part = self.invited()
        self.ben.password = "Pa55word of Ben"
        self.authenticate(self.ben.login, "Pa55word of Ben")
        self.follow(part)
        self.assertEqual(part.state, "accepted")
        self.assertEqual(self.replies().author_id, self.ben)
