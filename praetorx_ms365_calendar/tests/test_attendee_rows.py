from contextlib import suppress

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from ..sync.push.replies import NoReply, Respond, plan_reply_sending
from .common import TwoMailboxesCase


@tagged("post_install", "-at_install")
class TestAttendeeRows(TwoMailboxesCase):
    """A row of the attendees belongs to one person; so does the answer in it."""

    def assertUnchanged(self, part, **vals):
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertRecordValues(
            part, [{"partner_id": self.ben.partner_id.id, "state": "accepted", **vals}]
        )

    def accepted(self):
        """Return Ben's row in a meeting of Anna's that he has accepted."""
        event = self.meeting()
        part = self.part_of(self.ben, event)
        part.with_user(self.ben).do_accept()
        return part

    def wanted(self):
        """Return the answer that is about to be sent from Ben's mailbox."""
        entries = self.Outbox.search(
            [("operation", "=", "respond"), ("state", "=", "pending")], order="id"
        )
        entries.write({"looked_at": "2099-01-01", "answer_mode": "told"})
        return plan_reply_sending(self.account_of_ben, entries)

    def test_a_row_is_not_given_to_somebody_else_and_back(self):
        part = self.accepted()
        for user in (self.cleo, self.anna, self.ben):
            for vals in (
                {"partner_id": self.cleo.partner_id.id},
                {"event_id": self.new_event(self.cleo).id},
                {"partner_id": user.partner_id.id, "state": "declined"},
            ):
                if vals.get("partner_id") == self.ben.partner_id.id:
                    continue
                with (
                    self.subTest(user=user.login, vals=vals),
                    self.assertRaises(UserError),
                    self.env.cr.savepoint(),
                ):
                    part.with_user(user).write(vals)
        self.assertUnchanged(part)

    def test_a_list_of_the_event_does_not_give_it_away_either(self):
        part = self.accepted()
        for vals in (
            {"partner_id": self.cleo.partner_id.id},
            {"state": "needsAction"},
            {"state": "declined"},
        ):
            with (
                self.subTest(vals=vals),
                self.assertRaises(UserError),
                self.env.cr.savepoint(),
            ):
                part.event_id.with_user(self.cleo).write(
                    {"attendee_ids": [Command.update(part.id, vals)]}
                )
        self.assertUnchanged(part)

    def test_nobody_resets_the_reply_of_another_person(self):
        part = self.accepted()
        for user in (self.cleo, self.anna):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                part.with_user(user).state = "needsAction"
        self.assertUnchanged(part)

    def test_an_address_is_not_written_through_a_row(self):
        part = self.accepted()
        with suppress(UserError), self.env.cr.savepoint():
            part.with_user(self.cleo).write({"email": "eve@example.com"})
        self.assertUnchanged(part, email="ben@example.com")

    def test_rows_come_and_go_with_edits_of_the_event_only(self):
        part = self.accepted()
        event = part.event_id
        row = {"event_id": event.id, "partner_id": self.cleo.partner_id.id}
        for user in (self.cleo, self.anna):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                part.with_user(user).unlink()
            with self.assertRaises(UserError), self.env.cr.savepoint():
                self.env["calendar.attendee"].with_user(user).create(row)
        for command in (
            Command.delete(part.id),
            Command.unlink(part.id),
            Command.clear(),
            Command.set((event.attendee_ids - part).ids),
        ):
            with (
                self.subTest(command=command),
                self.assertRaises(UserError),
                self.env.cr.savepoint(),
            ):
                event.with_user(self.cleo).write({"attendee_ids": [command]})
        self.assertUnchanged(part)
        event.with_user(self.anna).partner_ids = [
            Command.link(self.cleo.partner_id.id),
            Command.unlink(self.ben.partner_id.id),
        ]
        self.assertEqual(
            event.attendee_ids.partner_id,
            event.partner_ids,
        )
        self.assertFalse(part.exists())

    def test_meetings_that_are_in_nobodys_outlook_are_as_in_stock(self):
        event = self.new_event(
            self.cleo, partner_ids=[Command.link(self.guest.id)], privacy="public"
        )
        event._ms365_write_bookkeeping({"ms365_sync_state": "none"})
        part = event.attendee_ids.filtered(lambda one: one.partner_id == self.guest)
        part.with_user(self.cleo).state = "accepted"
        part.with_user(self.cleo).unlink()
        self.assertFalse(part.exists())

    def test_nobody_is_invited_with_a_reply(self):
        event = self.pulled()
        event.with_user(self.anna).write(
            {
                "attendee_ids": [
                    Command.create(
                        {"partner_id": self.ben.partner_id.id, "state": "accepted"}
                    )
                ]
            }
        )
        self.assertEqual(self.part_of(self.ben, event).state, "needsAction")

    def test_sent_reply_is_the_persons_own(self):
        """Somebody follows the link of Ben's mail while his answer is on its way."""
        part = self.accepted()
        public = self.env.ref("base.public_user")
        part.with_user(public).sudo().do_decline()
        self.assertEqual(part.state, "declined")
        sending = self.wanted()
        self.assertEqual((type(sending), sending.reply), (Respond, "accepted"))

    def test_a_row_that_was_emptied_sends_nothing(self):
        part = self.accepted()
        part.sudo().with_context(ms365_from_sync=True).state = "needsAction"
        self.assertIsInstance(self.wanted(), NoReply)

    def test_a_token_that_somebody_knows_is_given_to_no_row(self):
        defaults = self.env["ir.default"].with_user(self.cleo)
        defaults.set("calendar.attendee", "access_token", "known", user_id=True)
        Event = self.env["calendar.event"].with_user(self.cleo)
        vals = {
            "name": "Own",
            "start": "2040-03-05 09:00:00",
            "stop": "2040-03-05 10:00:00",
            "partner_ids": [Command.link(self.ben.partner_id.id)],
        }
        for events in (Event, Event.with_context(default_access_token="known")):
            with suppress(AccessError), self.env.cr.savepoint():
                events.create(vals)
            with suppress(AccessError), self.env.cr.savepoint():
                events.sudo().create(vals)
        Attendee = self.env["calendar.attendee"].sudo()
        self.assertFalse(Attendee.search([("access_token", "=", "known")]))


@tagged("post_install", "-at_install")
class TestInvitationMails(TwoMailboxesCase, HttpCase):
    """People render the templates of invitations, and read no token by that."""

    TEMPLATES = (
        "calendar_template_meeting_invitation",
        "calendar_template_meeting_changedate",
        "calendar_template_meeting_reminder",
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.event = (
            cls.env["calendar.event"]
            .with_user(cls.cleo)
            .create(
                {
                    "name": "Lunch",
                    "start": "2040-03-05 09:00:00",
                    "stop": "2040-03-05 10:00:00",
                    "partner_ids": [
                        Command.link(cls.ben.partner_id.id),
                        Command.link(cls.guest.id),
                    ],
                }
            )
        )
        parts = cls.event.attendee_ids.sudo()
        cls.of_ben = parts.filtered(lambda one: one.partner_id == cls.ben.partner_id)
        cls.of_guest = parts.filtered(lambda one: one.partner_id == cls.guest)

    def templates(self):
        return [self.env.ref(f"calendar.{name}") for name in self.TEMPLATES]

    def assertNoToken(self, text):
        for part in self.event.attendee_ids.sudo():
            self.assertNotIn(part.access_token, str(text))

    def outgoing(self, mails):
        """Return address -> body of each mail as it leaves."""
        return {
            address: values["body"]
            for mail in mails
            for values in mail.sudo()._prepare_outgoing_list()
            for address in values["email_to_normalized"]
        }

    def new_mails(self, since):
        return self.env["mail.mail"].sudo().search([("id", ">", since)])

    def last_mail(self):
        return self.env["mail.mail"].sudo().search([], limit=1, order="id desc").id or 0

    def test_a_template_is_previewed(self):
        for template in self.templates():
            for user in (self.cleo, self.ben, self.anna):
                with self.subTest(template=template.name, user=user.login):
                    preview = (
                        self.env["mail.template.preview"]
                        .with_user(user)
                        .create(
                            {
                                "mail_template_id": template.id,
                                "resource_ref": f"calendar.attendee,{self.of_ben.id}",
                            }
                        )
                    )
                    self.assertFalse(preview.error_msg)
                    self.assertIn("token=", str(preview.body_html))
                    self.assertNoToken(preview.body_html)

    def test_a_template_of_ones_own_reveals_no_token(self):
        body = "<p><t t-out='object.access_token'/>, <t t-out='object.event_id'/></p>"
        template = (
            self.env["mail.template"]
            .sudo()
            .create(
                {
                    "name": "Mine",
                    "model_id": self.env["ir.model"]._get_id("calendar.attendee"),
                    "subject": "{{ object.access_token }}",
                    "body_html": body,
                }
            )
        )
        for user in (self.cleo, self.env.ref("base.user_root")):
            for name in ("body_html", "subject"):
                with self.subTest(user=user.login, name=name):
                    told = template.with_user(user)._render_field(name, self.of_ben.ids)
                    self.assertNoToken(told)

    def test_the_composer_writes_to_an_attendee(self):
        for mode in ("comment", "mass_mail"):
            for template in self.templates():
                with self.subTest(template=template.name, mode=mode):
                    last = self.last_mail()
                    composer = (
                        self.env["mail.compose.message"]
                        .with_user(self.cleo)
                        .with_context(
                            default_model="calendar.attendee",
                            default_res_ids=self.of_guest.ids,
                            default_template_id=template.id,
                            default_composition_mode=mode,
                        )
                        .create({})
                    )
                    self.assertNoToken(composer.body)
                    composer._action_send_mail()
                    mails = self.new_mails(last)
                    self.assertNoToken(mails.mapped("body_html"))
                    self.assertIn(
                        self.of_guest.access_token,
                        self.outgoing(mails)["gus@example.com"],
                    )

    def test_a_template_is_sent_to_an_attendee(self):
        for template in self.templates():
            with self.subTest(template=template.name):
                mail_id = template.with_user(self.cleo).send_mail(self.of_guest.id)
                mail = self.env["mail.mail"].sudo().browse(mail_id)
                self.assertNoToken(mail.body_html)
                bodies = self.outgoing(mail)
                self.assertIn(self.of_guest.access_token, bodies["gus@example.com"])

    def test_a_mail_to_somebody_else_carries_no_token(self):
        template = self.templates()[0]
        for values in (
            {"email_to": "eve@example.com", "recipient_ids": [Command.clear()]},
            {"recipient_ids": [Command.set(self.cleo.partner_id.ids)]},
            {
                "email_to": "gus@example.com",
                "email_cc": "eve@example.com",
                "recipient_ids": [Command.clear()],
            },
        ):
            with self.subTest(values=values):
                mail_id = template.with_user(self.cleo).send_mail(
                    self.of_guest.id, email_values=values
                )
                mail = self.env["mail.mail"].sudo().browse(mail_id)
                for body in self.outgoing(mail).values():
                    self.assertNoToken(body)

    def test_an_invitation_is_sent_with_the_token_of_each_attendee(self):
        last = self.last_mail()
        parts = self.of_ben | self.of_guest
        parts.with_user(self.cleo).sudo(False)._send_invitation_emails()
        mails = self.new_mails(last)
        bodies = self.outgoing(mails)
        self.assertIn(self.of_guest.access_token, bodies["gus@example.com"])
        self.assertNotIn(self.of_ben.access_token, bodies["gus@example.com"])
        messages = self.env["mail.message"].with_user(self.cleo)
        own = messages.search([("author_id", "=", self.cleo.partner_id.id)])
        self.assertTrue(own)
        self.assertNoToken(own.mapped("body"))

    def test_a_token_is_read_by_no_way(self):
        parts = self.event.attendee_ids.with_user(self.cleo)
        token = self.of_ben.access_token
        flag = {"ms365_renders_template": True}
        for part in (parts, parts.with_context(**flag)):
            for call in (
                lambda part=part: part.read(["access_token"]),
                lambda part=part: part.search([("access_token", "=", token)]),
                lambda part=part: part.search([], order="access_token"),
                lambda part=part: part.formatted_read_group([], ["access_token"]),
                lambda part=part: part.export_data(["access_token"]),
                lambda part=part: part.filtered_domain([("access_token", "=", token)]),
                lambda part=part: part.event_id.search(
                    [("attendee_ids.access_token", "=", token)]
                ),
                lambda part=part: part.web_read({"access_token": {}}),
            ):
                told = ""
                with suppress(UserError):
                    told = call()
                self.assertFalse(getattr(told, "ids", ()))
                self.assertNoToken(told)

    def test_the_link_in_odoos_inbox_works_for_who_is_signed_in(self):
        url = f"/calendar/meeting/accept?token=attendee-{self.of_ben.id}"
        url += f"&id={self.event.id}"
        self.assertEqual(self.url_open(url).status_code, 400)
        self.env.invalidate_all()
        self.assertEqual(self.of_ben.state, "needsAction")
        for user, state in ((self.anna, "needsAction"), (self.ben, "accepted")):
            user.password = f"Pa55word of {user.name}"
            self.authenticate(user.login, f"Pa55word of {user.name}")
            self.url_open(url)
            self.env.invalidate_all()
            self.assertEqual(self.of_ben.state, state)
