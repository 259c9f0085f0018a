"""Two people in Berlin and their week, on both sides."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

from e2e.harness.person import Person, graph_time, odoo_time
from e2e.harness.world import DOMAIN, World

ZONE = "Europe/Berlin"
#: A colleague who does not use Odoo; the simulator has a mailbox for her.
MEGAN = f"megan@{DOMAIN}"
CUSTOMER = "einkauf@fabrikam.example"

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = range(5)
#: Titles of the events that the checks edit or wait for.
FOCUS = "Focus time"
FIGURES = "Prepare quarterly figures"
PLANNING = "Sprint planning"
WORKSHOP = "Strategy workshop"

_COMPANY = {
    "name": "Contoso GmbH",
    "street": "Friedrichstraße 68",
    "zip": "10117",
    "city": "Berlin",
    "email": f"info@{DOMAIN}",
}
_HOMES = {
    "anna": {"street": "Bergmannstraße 12", "zip": "10961", "city": "Berlin"},
    "ben": {"street": "Schönhauser Allee 45", "zip": "10435", "city": "Berlin"},
}


def upn(login: str) -> str:
    """Return the address of a person's mailbox."""
    return f"{login}@{DOMAIN}"


def people(world: World) -> tuple[Person, Person]:
    """Create Anna and Ben; each can show the other's calendar with one click."""
    admin = world.admin
    germany = admin.call("res.country", "search", [("code", "=", "DE")])[0]
    admin.write("res.company", 1, {**_COMPANY, "country_id": germany})
    languages = admin.call("res.lang", "search", [])
    admin.write("res.lang", languages, {"week_start": "1", "time_format": "%H:%M:%S"})
    admin.write("res.users", admin.uid, {"tz": ZONE})
    anna = Person(world, "anna", full_name="Anna Becker", numbered=False, zone=ZONE)
    ben = Person(world, "ben", full_name="Ben Fischer", numbered=False, zone=ZONE)
    for person, colleague in ((anna, ben), (ben, anna)):
        home = {**_HOMES[person.login], "country_id": germany}
        admin.write("res.partner", person.partner_id, home)
        person.client.create(
            "calendar.filters",
            {
                "user_id": person.user_id,
                "partner_id": colleague.partner_id,
                "partner_checked": False,
            },
        )
    return anna, ben


def before_the_switch(anna: Person, ben: Person) -> None:
    """Create events in both calendars, from before the sync was switched on."""
    _in_outlook_of_anna(anna, ben)
    _in_outlook_of_ben(anna, ben)
    _in_odoo(anna, FIGURES, _at(TUESDAY, 10, 0), 120, location="Room Havel")
    _in_odoo(anna, "Interview preparation", _at(THURSDAY, 9, 30), 60, privacy="private")
    _in_odoo(ben, "Order new laptops", _at(MONDAY, 15, 0), 60)
    # Exchange would mail Ben, so it waits for Anna's consent.
    _in_odoo(anna, WORKSHOP, _coming(16, 30), 60, partner_ids=_both(anna, ben))


def _in_outlook_of_anna(anna: Person, ben: Person) -> None:
    _in_outlook(
        anna,
        "Project kick-off",
        _at(MONDAY, 9, 0),
        90,
        location={"displayName": "Room Spree"},
        categories=["Projects"],
        attendees=[_attendee(ben), _attendee(MEGAN, "optional")],
        body=_html("<p>Goals, budget, who does what.</p>"),
    )
    _in_outlook(anna, "Dentist", _at(TUESDAY, 8, 0), 60, sensitivity="private")
    _in_outlook(
        anna,
        "Weekly with Ben",
        _at(WEDNESDAY, 10, 0),
        60,
        isOnlineMeeting=True,
        onlineMeetingProvider="teamsForBusiness",
        attendees=[_attendee(ben)],
        body=_html("<p>What is done, what is next.</p>"),
    )
    _in_outlook(
        anna,
        "Lunch with a customer",
        _at(WEDNESDAY, 12, 30),
        90,
        location={"displayName": "Café Einstein, Unter den Linden"},
        attendees=[_attendee(CUSTOMER)],
        showAs="oof",
    )
    _in_outlook(
        anna, FOCUS, _at(THURSDAY, 13, 0), 90, categories=["Focus"], isReminderOn=False
    )
    _all_day_in_outlook(anna, "Trade fair in Hanover", THURSDAY, days=2, showAs="free")


def _in_outlook_of_ben(anna: Person, ben: Person) -> None:
    _in_outlook(
        ben,
        "Customer call: Fabrikam",
        _at(TUESDAY, 14, 0),
        60,
        isOnlineMeeting=True,
        onlineMeetingProvider="teamsForBusiness",
        categories=["Customers"],
    )
    _in_outlook(
        ben,
        "Budget review",
        _at(FRIDAY, 11, 0),
        60,
        location={"displayName": "Room Havel"},
        attendees=[_attendee(anna)],
    )


def after_the_switch(anna: Person, ben: Person) -> None:
    """Create events in Odoo after the sync was switched on."""
    _in_odoo(
        anna,
        PLANNING,
        _coming(15, 0),
        60,
        partner_ids=_both(anna, ben),
        is_teams_meeting=True,
        description="<p>Bring your estimates.</p>",
    )
    _in_odoo(ben, "Write the minutes", _at(MONDAY, 10, 30), 30)


# -- moments --------------------------------------------------------------------------


def _at(weekday: int, hour: int, minute: int) -> datetime:
    """Return a local time in Berlin, in the week that is shown today."""
    monday = _today() - timedelta(days=_today().weekday())
    return datetime.combine(monday + timedelta(days=weekday), time(hour, minute))


def _coming(hour: int, minute: int) -> datetime:
    """Return a local time in Berlin on the next working day."""
    day = _today() + timedelta(days=1)
    while day.weekday() > FRIDAY:
        day += timedelta(days=1)
    return datetime.combine(day, time(hour, minute))


def _today() -> date:
    return datetime.now(ZoneInfo(ZONE)).date()


def _utc(wall_clock: datetime) -> datetime:
    aware = wall_clock.replace(tzinfo=ZoneInfo(ZONE))
    return aware.astimezone(timezone.utc).replace(tzinfo=None)


# -- events ---------------------------------------------------------------------------


def _in_odoo(
    person: Person, name: str, start: datetime, minutes: int, **values: Any
) -> None:
    stop = start + timedelta(minutes=minutes)
    times = {"start": odoo_time(_utc(start)), "stop": odoo_time(_utc(stop))}
    person.client.create("calendar.event", {"name": name, **times, **values})


def _in_outlook(
    person: Person, subject: str, start: datetime, minutes: int, **values: Any
) -> None:
    end = start + timedelta(minutes=minutes)
    times = {"start": graph_time(start, ZONE), "end": graph_time(end, ZONE)}
    _create_in_outlook(person, {"subject": subject, **times, **values})


def _all_day_in_outlook(
    person: Person, subject: str, weekday: int, *, days: int, **values: Any
) -> None:
    start = _at(weekday, 0, 0)
    minutes = days * 24 * 60
    _in_outlook(person, subject, start, minutes, isAllDay=True, **values)


def _create_in_outlook(person: Person, body: dict[str, Any]) -> None:
    person.world.control.create_event(person.upn, body)


def _attendee(who: Person | str, kind: str = "required") -> dict[str, Any]:
    if isinstance(who, Person):
        address = {"address": who.upn, "name": who.name}
    else:
        address = {"address": who, "name": who.split("@")[0].title()}
    return {"type": kind, "emailAddress": address}


def _html(content: str) -> dict[str, str]:
    return {"contentType": "html", "content": content}


def _both(organizer: Person, guest: Person) -> list[Any]:
    return [(6, 0, [organizer.partner_id, guest.partner_id])]
