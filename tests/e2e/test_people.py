"""One meeting, many people: companies, tenants, orders, organizers and policies."""

from __future__ import annotations

from itertools import permutations

import pytest

from .harness.odoo_client import OdooError
from .harness.person import Person, graph_attendee, mark
from .harness.series import assert_same_series, local_start, outlook_series
from .harness.waiting import eventually
from .harness.world import CALLBACK
from .test_invitations import reply_in_odoo
from .test_meetings import mails_of

FABRIKAM = "fabrikam.example"


@pytest.fixture(scope="session")
def other_company(running_world) -> int:
    """Return a company with a tenant and an Azure app of its own."""
    world = running_world
    tenant = world.control.add_tenant("fabrikam", domains=[FABRIKAM])
    world.control.add_app(
        "fabrikam",
        "f0000000-0000-4000-8000-00000000000f",
        secrets={"the-secret-of-fabrikam": None},
        redirect_uris=[world.odoo.url + CALLBACK],
    )
    return world.admin.create(
        "res.company",
        {
            "name": "Fabrikam",
            "ms365_client_id": "f0000000-0000-4000-8000-00000000000f",
            "ms365_client_secret_entry": "the-secret-of-fabrikam",
            "ms365_tenant_id": tenant["id"],
        },
    )


@pytest.fixture
def dora(make_person, other_company) -> Person:
    """Return a person of the other company without sync."""
    return make_person(
        "dora", domain=FABRIKAM, tenant="fabrikam", company_id=other_company
    )


def assert_one_meeting(subject: str, people: list[Person], world) -> int:
    """Fail unless all have the same one Odoo event and a linked copy each."""
    ids = {person.only_event(subject)["id"] for person in people}
    assert len(ids) == 1, ids
    [event_id] = ids
    links = world.admin.search_read(
        "praetorx.ms365.event.link",
        [("event_id", "=", event_id), ("state", "=", "synced")],
        ["is_primary", "is_organizer"],
    )
    assert len(links) == len(people), links
    assert len([one for one in links if one["is_primary"]]) == 1, links
    return event_id


# -- several companies and tenants -----------------------------------------------------


def test_meeting_across_tenants_is_one_event(anna, dora, world):
    dora.connect()
    anna.create("Planning", attendees=[dora])
    dora.outlook_create("Review", 11, attendees=[anna])
    world.quiesce()
    for subject in ("Planning", "Review"):
        assert_one_meeting(subject, [anna, dora], world)
    anna.assert_same("Planning")
    dora.assert_same("Review")


def test_answer_across_tenants_arrives(anna, dora, world):
    dora.connect()
    event_id = anna.create("Planning", attendees=[dora])
    world.quiesce()
    world.control.reset_mails()
    reply_in_odoo(event_id, dora, "accepted")
    world.quiesce()
    [attendee] = anna.outlook_event("Planning")["attendees"]
    assert attendee["status"]["response"] == "accepted"
    assert mails_of(world) == [("response", anna.upn)]


# -- switching on, in all orders -------------------------------------------------------


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_switching_on_one_after_the_other_changes_and_mails_nothing(
    order, make_person, dora, world
):
    """The organizer is the first of the three, and may be the last to switch on."""
    people = [make_person("anna"), make_person("ben"), dora]
    people[0].outlook_create("Planning", attendees=people[1:])
    world.control.reset_mails()
    before = mark(world)
    for index in order:
        people[index].connect()
    world.poll()
    world.quiesce()
    event_id = assert_one_meeting("Planning", people, world)
    assert people[0].event(event_id)["user_id"][0] == people[0].user_id
    assert mails_of(world) == []
    assert [one for person in people for one in person.writes(before)] == []


def test_organizer_who_switches_off_leaves_one_meeting(
    anna, ben, dora, world, allowed_log
):
    allowed_log.append("can be changed in .* Outlook only")
    dora.connect()
    remote = anna.outlook_create("Planning", attendees=[ben, dora])
    world.quiesce()
    event_id = anna.only_event("Planning")["id"]
    before = mark(world)
    anna.switch_off()
    anna.outlook_update(remote, subject="Replanning")
    world.quiesce()
    assert ben.only_event("Replanning")["id"] == event_id
    assert ben.event(event_id)["user_id"][0] == anna.user_id
    reason = ben.client.read("calendar.event", event_id, "ms365_lock_reason")
    assert "does not sync" in reason["ms365_lock_reason"]
    with pytest.raises(OdooError, match="Outlook only"):
        ben.write(event_id, location="Nowhere")
    ben.write(event_id, show_as="free")
    world.quiesce()
    written = [*ben.writes(before), *dora.writes(before)]
    assert [one["body"] for one in written] == [{"showAs": "free"}]
    anna.switch_on()
    world.quiesce()
    assert_one_meeting("Replanning", [anna, ben, dora], world)
    anna.write(event_id, location="Room 1")
    world.quiesce()
    anna.assert_same("Replanning")


@pytest.mark.parametrize("way", ["unlink", "archive", "outlook"])
@pytest.mark.parametrize("kind", ["single", "series"])
@pytest.mark.parametrize("who", ["anna", "cleo"])
def test_meeting_that_an_attendee_deleted_is_there_for_who_switches_on_later(
    who, kind, way, make_person, ben, world
):
    """Nobody has deleted it in the mailbox of the organizer, or of another attendee."""
    anna, cleo = make_person("anna"), make_person("cleo")
    if kind == "single":
        anna.outlook_create("Planning", attendees=[ben, cleo])
    else:
        attendees = [graph_attendee(ben), graph_attendee(cleo)]
        start = local_start(world)
        outlook_series(anna, "Planning", start, attendees=attendees)
    world.quiesce()
    ids = [event["id"] for event in ben.events("Planning")]
    if way == "unlink":
        ben.client.unlink("calendar.event", ids)
    elif way == "archive":
        ben.client.write("calendar.event", ids, {"active": False})
    else:
        ben.outlook_delete(ben.outlook_event("Planning"))
    world.quiesce()
    assert (ben.events("Planning"), ben.outlook_events("Planning")) == ([], [])
    world.control.reset_mails()
    person = {"anna": anna, "cleo": cleo}[who].connect()
    world.quiesce()
    assert len(person.events("Planning")) == len(ids)
    if kind == "single" and person is anna:  # an attendee's copy lists other people
        anna.assert_same("Planning")
    elif person is anna:
        assert_same_series(anna)
    world.poll()
    world.quiesce()
    assert len(person.events("Planning")) == len(ids)
    assert ben.outlook_events("Planning") == []
    assert mails_of(world) == []


# -- another organizer -----------------------------------------------------------------


def change_organizer(event_id: int, who: Person, new: Person) -> None:
    """Go through the dialog of the event form, as a delegate of the new organizer."""
    new.client.set_preferences(ms365_delegate_ids=[(4, who.user_id)])
    move_primary_to(event_id, who, new)


def move_primary_to(event_id: int, who: Person, new: Person) -> None:
    """Go through the dialog of the event form."""
    wizard_id = who.client.create(
        "praetorx.ms365.organizer.change",
        {"event_id": event_id, "new_organizer_id": new.user_id},
    )
    who.client.call("praetorx.ms365.organizer.change", "action_change", [wizard_id])


def living(person: Person, subject: str) -> list:
    """Return the events of a mailbox that were not cancelled."""
    return [one for one in person.outlook_events(subject) if not one["isCancelled"]]


def assert_handed_over(event_id: int, former: Person, new: Person, world) -> None:
    [remote] = living(new, "Planning")
    assert remote["isOrganizer"] is True
    [copy] = living(former, "Planning")
    assert copy["isOrganizer"] is False
    assert former.only_event("Planning")["id"] == event_id
    assert_one_meeting("Planning", [former, new], world)
    new.assert_same("Planning")


@pytest.fixture
def planning(anna, ben, world) -> int:
    """Return Anna's meeting with Ben and somebody outside, which is everywhere."""
    outside = f"customer.{anna.login}@northwind.example"
    anna.outlook_create("Planning", attendees=[ben, outside])
    world.quiesce()
    world.control.reset_mails()
    return anna.only_event("Planning")["id"]


def test_new_organizer_invites_before_the_old_one_cancels(planning, anna, ben, world):
    outside = f"customer.{anna.login}@northwind.example"
    change_organizer(planning, anna, ben)
    world.quiesce()
    assert_handed_over(planning, anna, ben, world)
    kinds = [one["kind"] for one in world.control.mails()]
    assert kinds == ["invitation", "invitation", "cancellation", "cancellation"]
    assert mails_of(world) == [
        ("cancellation", ben.upn),
        ("cancellation", outside),
        ("invitation", anna.upn),
        ("invitation", outside),
    ]


def test_new_organizer_has_a_say_before_anybody_is_mailed(planning, anna, ben, world):
    move_primary_to(planning, anna, ben)
    world.quiesce()
    assert mails_of(world) == []
    assert [one["isOrganizer"] for one in living(anna, "Planning")] == [True]
    [approval] = ben.client.search_read(
        "praetorx.ms365.approval", [("state", "=", "waiting")], ["seen"]
    )
    ben.client.call(
        "praetorx.ms365.approval",
        "action_approve",
        [approval["id"]],
        context={"ms365_seen": approval["seen"]},
    )
    world.quiesce()
    assert_handed_over(planning, anna, ben, world)
    assert len(world.control.mails()) == 4


def test_organizer_change_survives_a_lost_answer(planning, anna, ben, world):
    world.control.fault("answer_lost", method="POST", path="/events", mailbox=ben.upn)
    world.control.fault("answer_lost", method="DELETE", mailbox=anna.upn)
    change_organizer(planning, anna, ben)
    world.quiesce()
    assert_handed_over(planning, anna, ben, world)
    assert len(world.control.mails()) == 4


def test_organizer_change_survives_the_death_of_odoo(planning, anna, ben, world):
    clients = anna.client, ben.client
    with world.killed_while_sending(ben.upn, path="/events", clients=clients):
        change_organizer(planning, anna, ben)
    world.quiesce()
    assert_handed_over(planning, anna, ben, world)
    assert len(world.control.mails()) == 4


def test_nothing_is_cancelled_while_the_new_organizers_mailbox_is_down(
    planning, anna, ben, world
):
    down = world.control.fault(
        "unavailable", mailbox=ben.upn, method="POST", times=None
    )
    change_organizer(planning, anna, ben)
    eventually(
        lambda: [one for one in world.control.faults() if one["hits"]],
        "the mailbox has refused",
    )
    assert mails_of(world) == []
    [still_there] = living(anna, "Planning")
    assert still_there["isOrganizer"] is True
    world.control.remove_fault(down)
    world.quiesce()
    assert_handed_over(planning, anna, ben, world)


def test_somebody_who_does_not_sync_cannot_become_the_organizer(
    planning, anna, make_person, world, allowed_log
):
    allowed_log += ["does not sync with Outlook", "To change its organizer, use"]
    cleo = make_person("cleo")
    with pytest.raises(OdooError, match="does not sync"):
        change_organizer(planning, anna, cleo)
    with pytest.raises(OdooError, match="Change organizer"):
        anna.write(planning, user_id=cleo.user_id)
    world.quiesce()
    assert mails_of(world) == []


# -- policies --------------------------------------------------------------------------


@pytest.fixture
def policy(world, other_company):
    """Return a function that sets policies of the other company for one test."""

    def decide(**values: str) -> None:
        vals = {f"ms365_{name}_policy": value for name, value in values.items()}
        world.admin.write("res.company", other_company, vals)

    yield decide
    decide(invitation="exchange", contact="always")


def odoo_mails_about(event_id: int, world) -> int:
    """Return how many invitations Odoo has made of a meeting."""
    return world.database.value(
        """SELECT count(*) FROM mail_message
            WHERE model = 'calendar.event' AND res_id = %s
              AND message_type = 'user_notification'""",
        event_id,
    )


@pytest.mark.parametrize("invitation", ["exchange", "odoo", "none"])
def test_exactly_one_side_invites(invitation, policy, dora, world):
    policy(invitation=invitation)
    dora.connect()
    partner_id = world.admin.create(
        "res.partner", {"name": "Pia", "email": f"pia.{dora.login}@pia.example"}
    )
    people = [(6, 0, [dora.partner_id, partner_id])]
    event_id = dora.create("Planning", partner_ids=people)
    world.quiesce()
    by_exchange = len(mails_of(world))
    by_odoo = odoo_mails_about(event_id, world)
    expected = {"exchange": (1, 0), "odoo": (0, 1), "none": (0, 0)}
    assert (by_exchange, by_odoo) == expected[invitation]
    dora.write(event_id, location="Room 1")
    dora.outlook_update(dora.outlook_event("Planning"), subject="Replanning")
    world.quiesce()
    partners = dora.only_event("Replanning")["partner_ids"]
    assert partner_id in partners


def test_strangers_stay_invited_though_they_become_no_contacts(policy, dora, world):
    policy(contact="never")
    dora.connect()
    stranger = f"stranger.{dora.login}@nowhere.example"
    dora.outlook_create("Planning", attendees=[stranger])
    world.quiesce()
    assert not world.admin.search_read(
        "res.partner", [("email_normalized", "=", stranger)], ["name"]
    )
    event = dora.only_event("Planning")
    partner_id = world.admin.create(
        "res.partner", {"name": "Pia", "email": f"pia.{dora.login}@pia.example"}
    )
    dora.write(event["id"], partner_ids=[(4, partner_id)], location="Room 1")
    world.quiesce()
    invited = {
        one["emailAddress"]["address"]
        for one in dora.outlook_event("Planning")["attendees"]
    }
    assert invited == {stranger, f"pia.{dora.login}@pia.example"}
    note = dora.client.read("calendar.event", event["id"], "ms365_people_note")
    assert "Stranger" in note["ms365_people_note"]


# -- private ---------------------------------------------------------------------------


def test_private_words_are_in_no_log_of_the_server(anna, ben, world):
    word = f"Zyzzyva{anna.login}"
    event_id = anna.create(word, privacy="private", description=f"<p>{word}</p>")
    world.quiesce()
    remote = anna.outlook_event(word)
    world.control.fault("server_error", mailbox=anna.upn, method="PATCH", times=2)
    anna.write(event_id, location=word)
    world.quiesce()
    anna.outlook_update(remote, subject=f"{word} again", attendees=[])
    world.quiesce()
    assert word not in world.odoo.log.tail(100_000)
