"""Builders for tests of the sync that need no answer from Microsoft."""

from contextlib import contextmanager
from datetime import datetime, timedelta

from odoo import SUPERUSER_ID, Command, fields
from odoo.tests import TransactionCase, new_test_user
from odoo.tools import SQL

from ..sync.apply.applier import Applier
from ..sync.apply.carry_out_deletions import carry_out_gone
from ..sync.worker.runner import MailboxRunner

#: Inside everybody's window, and not at a change of the clocks.
DAY = (datetime.now() + timedelta(days=7)).replace(
    hour=9, minute=0, second=0, microsecond=0
)
JOIN_URL = "https://teams.microsoft.com/l/meetup-join/abc"


def new_people(env, *names):
    """Return new users with these names; they get no mail to sign up.

    They are created together, because each new user clears Odoo's caches.
    """
    group = env.ref("base.group_user")
    users = env["res.users"].with_context(no_reset_password=True)
    made = users.create(
        [
            {
                "name": name,
                "login": f"ms365_{name.lower()}",
                "password": f"ms365_{name.lower()}",
                "email": f"{name.lower()}@example.com",
                "tz": "Europe/Berlin",
                "group_ids": [Command.set(group.ids)],
            }
            for name in names
        ]
    )
    return tuple(env["res.users"].browse(user.id) for user in made)


def new_administrator(env):
    """Return a new user who administers Odoo and syncs no calendar."""
    return new_test_user(env, "ms365_admin", groups="base.group_user,base.group_system")


class SyncCase(TransactionCase):
    """Anna and Ben sync their calendars, Cleo does not; nothing goes over a wire."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].sudo().set_param(
            "microsoft_calendar_client_id", "the-client"
        )
        cls.anna, cls.ben, cls.cleo = new_people(cls.env, "Anna", "Ben", "Cleo")
        cls.guest = cls.env["res.partner"].create(
            {"name": "Gus Guest", "email": "Gus@Example.com"}
        )
        cls.account = cls.connect(cls.anna)
        cls.Outbox = cls.env["praetorx.ms365.outbox"]
        cls.Link = cls.env["praetorx.ms365.event.link"]
        cls.Conflict = cls.env["praetorx.ms365.conflict"]
        cls.Log = cls.env["praetorx.ms365.sync.log"]

    @classmethod
    def connect(cls, user):
        """Return the account of a user as it is after sign-in and a first pass."""
        return connect(user.with_env(cls.env))

    def setUp(self):
        super().setUp()
        #: Account and remote id -> the last payload; deleted events have none.
        self._in_outlook = {}

    # --- Odoo's side ----------------------------------------------------------------

    def new_event(self, user=None, **vals):
        """Return an event that this user made by hand."""
        user = user or self.anna
        return (
            self.env["calendar.event"]
            .with_user(user)
            .create(
                {
                    "name": "Lunch",
                    "start": DAY,
                    "stop": DAY + timedelta(hours=1),
                    **vals,
                }
            )
        )

    def old_meeting(self, number=0, **vals):
        """Return a meeting of Anna's from before the sync was switched on.

        :param number: tells several apart by their time
        """
        start = fields.Datetime.now() + timedelta(days=3, minutes=number)
        return (
            self.env["calendar.event"]
            .with_context(ms365_from_sync=True, no_mail_to_attendees=True)
            .create(
                {
                    "name": "Old meeting",
                    "user_id": self.anna.id,
                    "start": start,
                    "stop": start + timedelta(hours=1),
                    "partner_ids": (self.anna.partner_id | self.guest).ids,
                    **vals,
                }
            )
        )

    def entries(self, event_or_id=None):
        """Return outbox entries, oldest first: of one event, or all."""
        key = event_or_id if isinstance(event_or_id, int) else event_or_id.id
        return self.Outbox.search([("event_key", "=", key)], order="id")

    def clear_outbox(self):
        """Take everything as sent."""
        self.Outbox.search([]).write({"state": "done"})

    @contextmanager
    def assertNothingCaptured(self):
        """No outbox entry is written in this block."""
        before = self.Outbox.search([])
        yield
        self.assertEqual(self.Outbox.search([]), before)

    @contextmanager
    def assertCaptured(self, *operations, account=None):
        """These operations, and no others, are written in this block."""
        before = self.Outbox.search([])
        yield
        added = (self.Outbox.search([]) - before).sorted("id")
        self.assertEqual(added.mapped("operation"), list(operations))
        self.assertEqual(added.account_id, account or self.account)
        self.assertEqual(set(added.mapped("state")), {"pending"})

    def send_waiting(self, user=None):
        """Let a user send the meetings that wait for consent in Anna's mailbox."""
        account = self.account.with_user(user or self.anna)
        action = account.action_review_waiting()
        sending = self.env[action["res_model"]].with_env(account.env)
        sending.browse(action["res_id"]).action_send()

    def approve(self, approvals, user):
        """Let a user agree to these approvals as a view shows them now."""
        seen = approvals.sudo()._as_seen()
        return approvals.with_user(user).with_context(ms365_seen=seen).action_approve()

    def run_worker(self, work, patience):
        """Work on all mailboxes as a cron does, but with less patience."""
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            env = self.env(cr=cr, user=SUPERUSER_ID)
            MailboxRunner(env, work(env), patience).run()
        self.env.invalidate_all()

    # --- Outlook's side -------------------------------------------------------------

    def remote(self, remote_id="R1", change_key="CK1", **values):
        """Return a Graph event of Anna's mailbox, as a page lists it."""
        return {
            "id": remote_id,
            "changeKey": change_key,
            "iCalUId": f"uid of {remote_id}",
            "type": "singleInstance",
            "subject": "Lunch",
            "body": {"contentType": "html", "content": ""},
            "start": graph_time(DAY),
            "end": graph_time(DAY + timedelta(hours=1)),
            "isAllDay": False,
            "isCancelled": False,
            "isOrganizer": True,
            "organizer": person("anna@example.com", "Anna"),
            "attendees": [],
            "location": {"displayName": ""},
            "sensitivity": "normal",
            "showAs": "busy",
            "isReminderOn": False,
            "reminderMinutesBeforeStart": 15,
            "categories": [],
            "isOnlineMeeting": False,
            "onlineMeetingProvider": "unknown",
            "onlineMeeting": None,
            "responseStatus": {"response": "organizer"},
            "lastModifiedDateTime": "2026-03-01T08:00:00Z",
            **values,
        }

    def remote_copy(self, remote_id="B1", change_key="CK1", *, of="R1", **values):
        """Return the copy of Anna's meeting ``of`` in Ben's mailbox."""
        return self.remote(
            remote_id,
            change_key,
            **{
                "iCalUId": f"uid of {of}",
                "isOrganizer": False,
                "attendees": [attendee("ben@example.com", "Ben")],
                "responseStatus": {"response": "notResponded"},
                **values,
            },
        )

    def pull(self, *payloads, account=None):
        """Apply a page of a mailbox."""
        account = account or self.account
        self._in_outlook |= {(account, one.get("id")): one for one in payloads}
        Applier(account, account._default_calendar()).apply(list(payloads))
        carry_out_gone(account)
        self.env.flush_all()
        self.env.invalidate_all()

    def pulled(self, remote_id="R1", change_key="CK1", *, account=None, **values):
        """Apply one event and return the event in Odoo."""
        self.pull(self.remote(remote_id, change_key, **values), account=account)
        return self.link(remote_id).event_id

    def gone(self, links):
        """Graph has confirmed that these events do not exist any more."""
        account = links.account_id
        for link in links:
            self._in_outlook.pop((account, link.remote_id), None)
        Applier(account, account._default_calendar()).gone(links)
        carry_out_gone(account)
        self.env.flush_all()
        self.env.invalidate_all()

    def read_due(self):
        """Read all single events that must be read, as the last pages had them."""
        due = [("needs_read", "=", True), ("remote_id", "!=", False)]
        for link in self.Link.search([*due, ("is_series", "=", False)]):
            payload = self._in_outlook.get((link.account_id, link.remote_id))
            if payload:
                self.pull(payload, account=link.account_id)
            else:
                self.gone(link)

    def link(self, remote_id="R1"):
        """Return the link of a Graph event."""
        return self.Link.search([("remote_id", "=", remote_id)])

    def age(self, record, hours=2):
        """Let a record have been made some hours earlier."""
        record.flush_recordset()
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET create_date = create_date - %s WHERE id = %s",
                SQL.identifier(record._table),
                timedelta(hours=hours),
                record.id,
            )
        )
        self.env.invalidate_all()

    def part_of(self, user, event):
        """Return the attendee record of a user in an event."""
        return event.attendee_ids.filtered(
            lambda one: one.partner_id == user.partner_id
        )

    def open_conflict(self, event):
        """Return the open conflict of an event."""
        return self.Conflict.search(
            [("event_id", "=", event.id), ("state", "=", "open")]
        )


class TwoMailboxesCase(SyncCase):
    """Anna and Ben sync; meetings of hers are R1, R2, his copies of them B1, B2."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account_of_ben = cls.connect(cls.ben)

    def invitation(self, change_key="CK1", **values):
        """Return Anna's own copy of a meeting to which she has invited Ben."""
        guests = [attendee("ben@example.com", "Ben")]
        return self.remote("R1", change_key, **{"attendees": guests, **values})

    def pull_copy(self, remote_id="B1", change_key="CK1", **values):
        """Read Ben's copy of it."""
        copy = self.remote_copy(remote_id, change_key, **values)
        self.pull(copy, account=self.account_of_ben)

    def meeting(self, **values):
        """Return that meeting, which both mailboxes have."""
        self.pull(self.invitation(**values))
        self.pull_copy(**values)
        return self.link("R1").event_id

    def meetings(self):
        """Return the Odoo events of that name."""
        return self.env["calendar.event"].search([("name", "=", "Lunch")])


def connect(user):
    """Return the account of a user as it is after sign-in and a first pass."""
    user.ms365_sync_enabled = True
    account = user.ms365_account_ids
    now = fields.Datetime.now()
    account.write(
        {
            "state": "active",
            "signed_in_at": now,
            "signed_in_client_id": account._app_client_id(),
            "mailbox_id": f"mailbox of {user.login}",
            "mailbox_address": user.email,
            "needs_connect": False,
            "first_pass_done_at": now,
            "started_at": now,
        }
    )
    user.sudo().write(
        {
            "microsoft_calendar_rtoken": "a refresh token",
            "microsoft_calendar_token": "an access token",
            "microsoft_calendar_token_validity": now + timedelta(hours=1),
        }
    )
    user.env["praetorx.ms365.calendar"].create(
        {
            "account_id": account.id,
            "remote_id": f"calendar of {user.login}",
            "name": "Calendar",
            "is_default": True,
        }
    )
    return account


def apply_change(account):
    """Apply the change of settings that waits, as its owner does in its preview."""
    change = account._waiting_change()
    change.state = "ready"
    apply_preview(change.with_user(account.user_id))


def apply_preview(preview):
    """Press *Apply* in a view that shows the preview as it is now."""
    return preview.with_context(ms365_seen=preview.seen).action_apply()


def graph_time(moment):
    """Return a naive UTC time as Graph writes it."""
    return {"dateTime": moment.strftime("%Y-%m-%dT%H:%M:%S.0000000"), "timeZone": "UTC"}


def person(address, name=""):
    """Return a Graph ``recipient``."""
    return {"emailAddress": {"address": address, "name": name}}


def attendee(address, name="", response="none", kind="required"):
    """Return a Graph ``attendee``."""
    return {
        **person(address, name),
        "type": kind,
        "status": {"response": response, "time": "0001-01-01T00:00:00Z"},
    }
