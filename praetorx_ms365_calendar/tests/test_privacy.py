import logging

from odoo import Command
from odoo.tests import new_test_user, tagged

from ..engine.errors import GiveUpOnEvent
from ..graph.client import GraphResponse
from ..sync.push.work import PushWork
from .common import SyncCase, attendee

MARKER = "Zyzzyva"
#: Every model of the addon that people can look into.
MODELS = [
    "praetorx.ms365.account",
    "praetorx.ms365.approval",
    "praetorx.ms365.busy.day",
    "praetorx.ms365.calendar",
    "praetorx.ms365.conflict",
    "praetorx.ms365.difference",
    "praetorx.ms365.event.link",
    "praetorx.ms365.hold",
    "praetorx.ms365.notification",
    "praetorx.ms365.outbox",
    "praetorx.ms365.subscription",
    "praetorx.ms365.sync.log",
    "praetorx.ms365.version",
]


class Heard(logging.Handler):
    """Keep all log lines, at any level, as they would be written."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.lines = []
        self.setFormatter(logging.Formatter())

    def emit(self, record):
        self.lines.append(self.format(record))


@tagged("post_install", "-at_install")
class TestPrivacy(SyncCase):
    """Test that the content of a private event never leaks, even after an error.

    A word is in subject, text, place and names. It must not be found anywhere else.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.eve = new_test_user(
            cls.env, "ms365_eve", groups="base.group_user,base.group_system", name="Eve"
        )
        cls.heard = Heard()
        cls.listened_to = logging.getLogger("odoo.addons.praetorx_ms365_calendar")
        cls.listened_to.addHandler(cls.heard)
        cls.addClassCleanup(cls.listened_to.removeHandler, cls.heard)

    def setUp(self):
        super().setUp()
        self.last_message = self.env["mail.message"].sudo().search([], limit=1).id
        self.heard.lines.clear()

    def private(self, change_key="CK1", **values):
        """Return a private event of Anna's mailbox, full of the word."""
        return self.remote(
            "R1",
            change_key,
            **{
                "subject": f"Subject {MARKER}",
                "body": {"contentType": "html", "content": f"<p>Text {MARKER}</p>"},
                "location": {"displayName": f"Place {MARKER}"},
                "attendees": [attendee("gus@example.com", f"Gus {MARKER}")],
                "categories": [],
                "sensitivity": "private",
                **values,
            },
        )

    def pulled_private(self):
        self.guest.name = f"Gus {MARKER}"
        self.pull(self.private())
        return self.link().event_id

    # --- looking for the word -------------------------------------------------------

    def assertNowhere(self, viewer=None):
        self.env.flush_all()
        self.env.invalidate_all()
        viewer = viewer or self.eve
        for name in MODELS:
            Model = self.env[name].with_user(viewer)
            shown = Model.search([]).read(list(Model.fields_get()))
            self.assertNotIn(MARKER, str(shown), name)
        self.assertNotHeard()
        self.env.invalidate_all()  # the cache hides fields that the viewer may not see

    def assertNotHeard(self):
        messages = (
            self.env["mail.message"]
            .sudo()
            .search([("id", ">", self.last_message), ("model", "!=", "res.partner")])
        )
        for message in messages:
            self.assertNotIn(MARKER, f"{message.subject} {message.body}")
        for activity in self.env["mail.activity"].sudo().search([]):
            self.assertNotIn(MARKER, f"{activity.summary} {activity.note}")
        self.assertFalse([line for line in self.heard.lines if MARKER in line])

    # --- where it could be ----------------------------------------------------------

    def test_pulled_and_pushed(self):
        event = self.pulled_private()
        self.assertNowhere()
        event.with_user(self.anna).location = f"Elsewhere {MARKER}"
        self.assertNowhere()
        job = PushWork(self.env).claim(self.account.id)
        self.assertNowhere()
        body = self.private("CK2", location={"displayName": f"Elsewhere {MARKER}"})
        job.record([GraphResponse(200, {}, body, "request-1", None)])
        self.assertNowhere()

    def test_event_form_of_somebody_else(self):
        event = self.pulled_private().with_user(self.eve)
        for name in (
            "ms365_lock_reason",
            "ms365_mail_note",
            "ms365_message",
            "ms365_organizer",
            "ms365_people_note",
            "display_name",
            "name",
            "location",
            "description",
        ):
            self.assertNotIn(MARKER, str(event[name]), name)

    def test_attendees_without_a_contact_are_named_to_participants_only(self):
        self.anna.company_id.ms365_contact_policy = "never"
        self.pull(self.private(attendees=[attendee("x@y.example", f"Xi {MARKER}")]))
        event = self.link().event_id
        self.assertIn(MARKER, event.with_user(self.anna).ms365_people_note)
        self.assertFalse(event.with_user(self.eve).ms365_people_note)

    def test_conflict(self):
        event = self.pulled_private()
        event.with_user(self.anna).name = f"Ours {MARKER}"
        self.pull(self.private("CK2", subject=f"Theirs {MARKER}"))
        self.assertTrue(self.open_conflict(event))
        self.assertNowhere()

    def test_approval(self):
        people = [
            attendee("gus@example.com", f"Gus {MARKER}"),
            attendee(self.ben.email, "Ben"),
        ]
        self.pull(self.private(attendees=people))
        event = self.link().event_id
        event.with_user(self.ben).location = f"Elsewhere {MARKER}"
        approval = self.env["praetorx.ms365.approval"].search([])
        self.assertEqual(approval.state, "waiting")
        self.assertIn(MARKER, str(approval.with_user(self.anna).changes))
        self.assertNowhere()

    def test_difference(self):
        tag = self.env["calendar.event.type"].create({"name": "Blue"})
        self.pull(self.private(categories=["Blue"]))
        tag.name = f"Red {MARKER}"
        self.assertTrue(self.env["praetorx.ms365.difference"].search([]))
        self.assertNowhere()

    def test_dead_letter(self):
        event = self.pulled_private()
        event.with_user(self.anna).name = f"Ours {MARKER}"
        job = PushWork(self.env).claim(self.account.id)
        error = GiveUpOnEvent("Graph answered 400 (ErrorInvalidRequest) to update")
        job.record([GraphResponse(400, {}, None, "request-1", error)])
        self.assertEqual(event.ms365_sync_state, "error")
        self.assertNowhere()

    def test_event_that_cannot_be_understood(self):
        self.pulled_private()
        self.pull(self.private("CK2", start={"dateTime": MARKER, "timeZone": "UTC"}))
        self.assertEqual(self.link().state, "quarantined")
        self.assertNowhere()

    def test_event_that_odoo_refuses(self):
        self.pulled_private()
        start = {"dateTime": "2026-05-05T10:00:00.0000000", "timeZone": "UTC"}
        end = {"dateTime": "2026-05-05T09:00:00.0000000", "timeZone": "UTC"}
        self.pull(self.private("CK2", start=start, end=end))
        self.assertEqual(self.link().state, "quarantined")
        self.assertNowhere()

    def test_deleted(self):
        self.pulled_private()
        self.gone(self.link())
        self.assertNowhere()

    def test_event_that_became_private_hides_its_earlier_content(self):
        self.pull(self.private(sensitivity="normal"))
        event = self.link().event_id
        self.pull(self.private("CK2", sensitivity="private"))
        self.assertEqual(event.privacy, "private")
        self.assertNowhere()

    def test_dialogs_of_somebody_else(self):
        event = self.pulled_private()
        account = self.connect(self.ben)
        self.assertTrue(account)
        event.with_user(self.anna).partner_ids = [Command.link(self.ben.partner_id.id)]
        self.assertFalse(event.with_user(self.eve).ms365_may_change_organizer)
        wizard = (
            self.env["praetorx.ms365.organizer.change"]
            .with_user(self.eve)
            .create({"event_id": event.id, "new_organizer_id": self.ben.id})
        )
        self.assertNotIn(MARKER, f"{wizard.obstacle} {wizard.consequences}")
        self.assertNotIn(MARKER, wizard.event_id.display_name)
