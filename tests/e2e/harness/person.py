"""A person with a calendar on both sides."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from .compare import differences
from .odoo_client import Json, OdooClient
from .spare_users import create_users, next_number
from .waiting import eventually
from .world import DOMAIN, World

ODOO_FIELDS = [
    "name",
    "description",
    "allday",
    "start",
    "stop",
    "start_date",
    "stop_date",
    "location",
    "partner_ids",
    "attendee_ids",
    "privacy",
    "show_as",
    "alarm_ids",
    "categ_ids",
    "active",
    "user_id",
    "ms365_calendar_id",
    "is_teams_meeting",
    "teams_meeting_url",
    "videocall_location",
    "sync_origin",
    "synced_field_hash",
    "ms_change_key",
    "ms365_sync_state",
    "write_date",
]


class Person:
    """A new user of Odoo with a new mailbox of the simulator.

    :param first_name: the login is this name and a number
    :param zone: IANA name of the zone of user and mailbox
    :param full_name: by default the first name and the number
    """

    def __init__(
        self,
        world: World,
        first_name: str,
        *,
        domain: str = DOMAIN,
        tenant: str = "contoso",
        zone: str = "Europe/Berlin",
        company_id: int | None = None,
        numbered: bool = True,
        full_name: str = "",
        **mailbox: Any,
    ) -> None:
        self.world = world
        is_usual = numbered and domain == DOMAIN and not (company_id or full_name)
        if is_usual:
            user = world.spare_users.take(world.admin, first_name, zone)
        else:
            number = next_number() if numbered else ""
            login = f"{first_name}{number}"
            values: Json = {
                "name": full_name or f"{first_name.title()} {number}".strip(),
                "login": login,
                "email": f"{login}@{domain}",
                "tz": zone,
            }
            if company_id:
                values |= {"company_id": company_id, "company_ids": [company_id]}
            [user] = create_users(world.admin, [values])
        self.name, self.login = user.name, user.login
        self.user_id, self.partner_id = user.id, user.partner_id
        self.upn = f"{self.login}@{domain}"
        world.control.add_mailbox(
            self.upn, tenant, display_name=self.name, time_zone=zone, **mailbox
        )
        self.client: OdooClient = world.odoo.client(self.login)

    # -- the sync -------------------------------------------------------------------

    def switch_on(self, direction: str = "both") -> Person:
        """Switch the sync on in the preferences."""
        self.client.set_preferences(
            ms365_sync_enabled=True, ms365_sync_direction=direction
        )
        return self

    def switch_off(self) -> None:
        """Switch the sync off in the preferences."""
        self.client.set_preferences(ms365_sync_enabled=False)

    def sign_in(self) -> Person:
        """Connect the person's mailbox by the real sign-in, and have the sync start."""
        self.client.sign_in(self.upn)
        self.start()
        return self

    def start(self) -> None:
        """Press *Start* if the mailbox waits for it, without a look at the preview."""
        account = self.account("id", "awaits_start")
        if account["awaits_start"]:
            self.client.call("praetorx.ms365.account", "action_start", [account["id"]])

    def choose(self, **preferences: Any) -> None:
        """Change settings in the preferences, and apply the change once it is shown."""
        self.client.set_preferences(**preferences)
        self.world.quiesce()
        self.apply_change()

    def change(self, *names: str) -> Json | None:
        """Return fields of the change of settings that waits, None without one."""
        found = self.client.search_read(
            "praetorx.ms365.preview",
            [("is_change", "=", True), ("state", "!=", "over")],
            ["state", "needs_permission", *names],
        )
        return found[0] if found else None

    def apply_change(self, button: str = "action_apply") -> None:
        """Press *Apply* if a change of settings waits, or another button."""
        change = self.change("seen")
        if change and not change["needs_permission"]:
            seen = {"ms365_seen": change["seen"]}
            self.client.call(
                "praetorx.ms365.preview", button, [change["id"]], context=seen
            )
            self.world.quiesce()

    def sign_in_again(self) -> None:
        """Press *Sign in again* in the preferences, and sign in on Microsoft's page."""
        action = self.client.call("res.users", "action_ms365_sign_in", [self.user_id])
        self.client.follow_sign_in(action["url"], self.upn)

    def use_mailbox(self) -> None:
        """Say yes to the mailbox of the last sign-in, and have the sync start."""
        self._press("action_use_mailbox")
        self.world.quiesce()  # another mailbox waits once it is connected
        self.start()

    def disconnect(self) -> None:
        """Press *Disconnect* under *My Connection*, and confirm."""
        action = self._press("action_disconnect")
        dialog_id = self.client.create(action["res_model"], {})
        self.client.call(action["res_model"], "action_disconnect", [dialog_id])

    def _press(self, button: str) -> Any:
        [account_id] = self.client.call("praetorx.ms365.account", "search", [])
        return self.client.call("praetorx.ms365.account", button, [account_id])

    def connect(self, direction: str = "both") -> Person:
        """Switch on, sign in, and wait until the first pass is over."""
        return self.switch_on(direction).sign_in().until_read()

    def send_waiting(self) -> None:
        """Send the meetings that wait for the person's consent."""
        action = self._press("action_review_waiting")
        self.client.call(action["res_model"], "action_send", [action["res_id"]])

    def until_read(self) -> Person:
        """Wait until the first pass is over."""
        self.world.quiesce()
        eventually(
            lambda: self.account("first_pass_done_at")["first_pass_done_at"],
            "the first pass is over",
            meanwhile=self.world.quiesce,
        )
        return self

    def account(self, *names: str) -> Json:
        """Return fields of the account, read by an administrator."""
        found = self.world.admin.search_read(
            "praetorx.ms365.account", [("user_id", "=", self.user_id)], list(names)
        )
        return found[0] if found else {}

    def preferences(self, *names: str) -> Json:
        """Return fields of the person's preferences, read by the person."""
        return self.client.read("res.users", self.user_id, *names)

    def outbox(self) -> list[Json]:
        """Return the outbox entries, oldest first."""
        return self.world.admin.search_read(
            "praetorx.ms365.outbox",
            [("user_id", "=", self.user_id)],
            ["state", "operation", "reason", "event_id", "attempts", "is_late"],
            order="id",
        )

    def holds(self) -> list[Json]:
        """Return the held deletions of this person, as shown on the screen."""
        return self.client.search_read(
            "praetorx.ms365.hold",
            [("user_id", "=", self.user_id), ("state", "=", "open")],
            ["display_name", "direction", "event_count", "mail_count", "summary"],
        )

    def conflicts(self, state: str = "open") -> list[Json]:
        """Return the person's conflicts."""
        return self.client.search_read(
            "praetorx.ms365.conflict",
            [("user_id", "=", self.user_id), ("state", "=", state)],
            ["event_id", "field_names", "resolution"],
        )

    def resolve(self, keep: str) -> None:
        """Resolve the only open conflict.

        :param keep: ``odoo`` or ``outlook``
        """
        [conflict] = self.conflicts()
        self.client.call("praetorx.ms365.conflict", f"keep_{keep}", [conflict["id"]])

    # -- calendars ------------------------------------------------------------------

    def add_calendar(self, name: str, direction: str = "both") -> Json:
        """Create a calendar in Outlook, sync it, and return it as in Outlook."""
        remote = self.world.control.add_calendar(self.upn, name)
        self.sync_calendar(name, direction)
        return remote

    def sync_calendar(self, name: str, direction: str = "both") -> int:
        """Choose a calendar from Outlook's list, and wait until it is read."""
        self.refresh_calendars()
        calendar_id = self.calendar(name)["id"]
        self.client.write(
            "praetorx.ms365.calendar",
            calendar_id,
            {"is_synced": True, "direction": direction},
        )
        self.world.quiesce()
        self.apply_change()
        return calendar_id

    def refresh_calendars(self) -> None:
        """Press *Refresh calendars*, and wait until they are listed."""
        account_id = self.account("id")["id"]
        self.client.call(
            "praetorx.ms365.account", "action_refresh_calendars", [account_id]
        )
        self.world.quiesce()

    def leave_calendar(self, name: str) -> None:
        """Stop syncing a calendar."""
        calendar_id = self.calendar(name)["id"]
        self.client.write("praetorx.ms365.calendar", calendar_id, {"is_synced": False})
        self.world.quiesce()
        self.apply_change()

    def calendar(self, name: str) -> Json:
        """Return one of the person's calendars, read by the person."""
        [found] = self.client.search_read(
            "praetorx.ms365.calendar",
            [("name", "=", name)],
            ["is_synced", "direction", "kind", "state", "status", "needs_permission"],
        )
        return found

    def calendar_of(self, event_id: int) -> str:
        """Return the name of the calendar of an Odoo event."""
        event = self.client.read("calendar.event", event_id, "ms365_calendar_id")
        return event["ms365_calendar_id"][1] if event["ms365_calendar_id"] else ""

    def outlook_move(self, event: Json | str, calendar: Json) -> Json:
        """Move an event to another calendar in Outlook."""
        return self.world.control.move_event(self.upn, _id(event), calendar["id"])

    # -- in Odoo --------------------------------------------------------------------

    def create(self, name: str, hour: float = 9, **values: Any) -> int:
        """Create an event of one hour in Odoo, and return its id.

        :param hour: of tomorrow, UTC
        :param values: fields; ``attendees`` takes persons
        """
        attendees = values.pop("attendees", ())
        start = self.world.at(hour, day=values.pop("day", 1))
        vals: Json = {
            "name": name,
            "start": odoo_time(start),
            "stop": odoo_time(start + timedelta(hours=1)),
            **values,
        }
        if attendees:
            partners = [self.partner_id, *(one.partner_id for one in attendees)]
            vals["partner_ids"] = [(6, 0, partners)]
        return self.client.create("calendar.event", vals)

    def write(self, event_id: int, **values: Any) -> None:
        """Edit an event in Odoo."""
        self.client.write("calendar.event", event_id, values)

    def unlink(self, event_id: int) -> None:
        """Delete an event in Odoo."""
        self.client.unlink("calendar.event", event_id)

    def event(self, event_id: int) -> Json:
        """Return an Odoo event, even if it is archived."""
        return self.client.read("calendar.event", event_id, *ODOO_FIELDS)

    def events(self, name: str | None = None) -> list[Json]:
        """Return the person's active Odoo events, ordered by start."""
        domain: list[Any] = [("partner_ids", "in", [self.partner_id])]
        if name is not None:
            domain.append(("name", "=", name))
        return self.client.search_read(
            "calendar.event", domain, ODOO_FIELDS, order="start, id"
        )

    def only_event(self, name: str) -> Json:
        """Return the person's only Odoo event with this name."""
        found = self.events(name)
        assert len(found) == 1, found
        return found[0]

    def messages(self, event_id: int) -> list[str]:
        """Return the bodies of the messages in an event's chatter."""
        found = self.world.admin.search_read(
            "mail.message",
            [("model", "=", "calendar.event"), ("res_id", "=", event_id)],
            ["body"],
        )
        return [message["body"] for message in found]

    def decide(self, approval_ids: list[int], word: str) -> None:
        """Approve or reject waiting changes, like the buttons of their view.

        :param word: ``approve`` or ``reject``
        """
        model = "praetorx.ms365.approval"
        shown = self.client.search_read(model, [("id", "in", approval_ids)], ["seen"])
        seen = ",".join(one["seen"] for one in shown)
        context = {"ms365_seen": seen}
        self.client.call(model, f"action_{word}", approval_ids, context=context)

    # -- in Outlook -----------------------------------------------------------------

    def outlook_create(self, subject: str, hour: float = 9, **values: Any) -> Json:
        """Create an event of one hour in Outlook, and return it.

        :param hour: of tomorrow, UTC
        :param values: as in Graph; ``attendees`` takes persons or addresses,
            ``calendar`` one of Outlook
        """
        attendees = values.pop("attendees", ())
        calendar_id = (values.pop("calendar", None) or {}).get("id")
        start = self.world.at(hour, day=values.pop("day", 1))
        body: Json = {
            "subject": subject,
            "start": graph_time(start),
            "end": graph_time(start + timedelta(hours=1)),
            **values,
        }
        if attendees:
            body["attendees"] = [graph_attendee(one) for one in attendees]
        return self.world.control.create_event(self.upn, body, calendar_id)

    def outlook_update(self, event: Json | str, **values: Any) -> Json:
        """Edit an event in Outlook."""
        return self.world.control.update_event(self.upn, _id(event), values)

    def outlook_delete(self, event: Json | str) -> None:
        """Delete an event in Outlook."""
        self.world.control.delete_event(self.upn, _id(event))

    def outlook_events(self, subject: str | None = None) -> list[Json]:
        """Return the events of the mailbox."""
        filters = {} if subject is None else {"subject": subject}
        return self.world.control.events(self.upn, **filters)

    def outlook_event(self, subject: str) -> Json:
        """Return the only event of the mailbox with this subject."""
        found = self.outlook_events(subject)
        assert len(found) == 1, found
        return found[0]

    # -- what went over the wire ----------------------------------------------------

    def writes(self, after: int = 0) -> list[Json]:
        """Return the requests to Graph that changed events of this mailbox.

        :param after: a number from :func:`mark`
        """
        return [
            request
            for request in self.world.control.requests(
                mailbox=self.upn, is_write=True, path="/events", after=after
            )
            if "$batch" not in request["path"]
        ]

    def assert_same(self, name: str) -> None:
        """Fail unless Odoo and Outlook both have one event of this name, both equal."""
        unlike = differences(
            self.only_event(name), self.outlook_event(name), self.names()
        )
        assert not unlike, unlike

    def names(self) -> Json:
        """Return the values for ids in this organizer's events, for the comparison."""
        admin = self.world.admin
        partners = admin.search_read("res.partner", [], ["email_normalized"])
        alarms = admin.search_read(
            "calendar.alarm",
            [("alarm_type", "=", "notification")],
            ["duration_minutes"],
        )
        tags = admin.search_read("calendar.event.type", [], ["name"])
        return {
            "addresses": {one["id"]: one["email_normalized"] for one in partners},
            "minutes": {one["id"]: one["duration_minutes"] for one in alarms},
            "tags": {one["id"]: one["name"] for one in tags},
            "organizer": self.upn,
        }


def mark(world: World) -> int:
    """Return the number of the latest request, for ``after=``."""
    return world.control.counters()["total"]


def odoo_time(moment: datetime) -> str:
    """Return a time in Odoo's format."""
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def graph_time(moment: datetime, zone: str = "UTC") -> Json:
    """Return a local time in Graph's format."""
    return {"dateTime": moment.isoformat(), "timeZone": zone}


def graph_attendee(who: Person | str) -> Json:
    """Return an attendee in Graph's format."""
    address = who if isinstance(who, str) else who.upn
    name = who.split("@")[0].title() if isinstance(who, str) else who.name
    return {"type": "required", "emailAddress": {"address": address, "name": name}}


def _id(event: Json | str) -> str:
    return event if isinstance(event, str) else event["id"]
