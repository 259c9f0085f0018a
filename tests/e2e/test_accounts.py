"""Test sign-ins, windows and companies: settings of a whole mailbox."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from .harness.odoo_client import OdooError
from .harness.person import Person, mark
from .harness.waiting import eventually
from .harness.world import CALLBACK, World


def revoke(world: World, person: Person) -> None:
    """Take the grant away and wait until Odoo has noticed."""
    world.control.revoke(person.upn)
    person.client.call("res.users", "action_ms365_sync_now", [person.user_id])
    eventually(
        lambda: person.account("state")["state"] == "sign_in_again", "Odoo noticed"
    )


def test_sign_in_comes_back_to_the_page_that_was_left(make_person):
    anna = make_person("anna")
    anna.switch_on()
    assert anna.client.sign_in(anna.upn) == "/odoo/calendar"


def test_sign_in_state_works_once_and_for_its_own_session_only(make_person, world):
    anna, eve = make_person("anna"), make_person("eve")
    anna.switch_on()
    eve.switch_on()
    url = eve.client.json_rpc(
        "/microsoft_calendar/sync_data",
        {"model": "calendar.event", "fromurl": "/odoo"},
    )["url"]
    page = eve.client.session.get(
        url, params={"sim_account": eve.upn}, allow_redirects=False, timeout=60
    )
    response = anna.client.session.get(
        page.headers["Location"], allow_redirects=False, timeout=60
    )
    assert response.status_code == 403
    assert anna.account("state")["state"] == "signed_out"


def test_tokens_are_not_in_clear_in_the_database(anna, world):
    [stored] = world.database.rows(
        """SELECT microsoft_calendar_rtoken, microsoft_calendar_token
             FROM res_users WHERE id = %s""",
        anna.user_id,
    )
    issued = world.control.tokens(anna.upn)
    assert all(stored)
    for value in stored:
        assert issued["access_token"][:8] not in value
        assert not value.startswith(("ey", "0."))


def test_revoked_sign_in_stops_that_person_only_and_says_so(anna, ben, world):
    revoke(world, anna)
    assert "Sign in again" in anna.preferences("ms365_status")["ms365_status"]
    activities = world.admin.search_read(
        "mail.activity",
        [
            ("res_model", "=", "praetorx.ms365.account"),
            ("user_id", "=", anna.user_id),
        ],
        ["summary"],
    )
    assert len(activities) == 1
    ben.create("Lunch")
    world.quiesce()
    ben.assert_same("Lunch")


def test_edits_made_without_sign_in_are_sent_after_the_next(anna, world):
    revoke(world, anna)
    anna.create("Lunch")
    anna.outlook_create("Dinner", 18)
    world.quiesce()
    assert anna.outlook_events("Lunch") == []
    anna.sign_in()
    world.quiesce()
    anna.assert_same("Lunch")
    anna.assert_same("Dinner")
    assert "Sign in again" not in anna.preferences("ms365_status")["ms365_status"]


def test_access_token_that_ended_is_refreshed_by_itself(anna, world):
    before = mark(world)
    world.advance(2 * 3600)
    anna.create("Lunch")
    world.quiesce()
    anna.assert_same("Lunch")
    refreshed = world.control.requests(path="/token$", after=before)
    assert len(refreshed) >= 1
    assert anna.account("state")["state"] == "active"


def test_refresh_token_is_rotated_for_months(anna, world):
    for _month in range(4):
        world.advance(60 * 86400)
        anna.create("Lunch")
        world.quiesce()
    assert anna.account("state")["state"] == "active"


def test_mailbox_of_somebody_else_cannot_be_connected_twice(make_person, anna, world):
    ben = make_person("ben").switch_on()
    path = ben.client.sign_in(anna.upn)
    assert path.endswith("praetorx_ms365_account_action_mine")
    account = ben.account("state", "sign_in_problem")
    assert account["state"] == "signed_out"
    assert "already connected to another Odoo user" in account["sign_in_problem"]
    anna.create("Lunch")
    world.quiesce()
    assert ben.events() == []
    anna.assert_same("Lunch")


def test_one_mailbox_for_two_people_at_the_same_moment_is_given_to_one(
    make_person, world
):
    people = [make_person(name).switch_on() for name in ("ben", "cleo")]
    mailbox = make_person("shared")  # only the mailbox is used
    for person in people:
        world.admin.write("res.users", person.user_id, {"email": mailbox.upn})
    # Both wait for Microsoft meanwhile, so that both find the mailbox free.
    world.control.fault("latency", path="/me", times=2, seconds=1)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda one: one.client.sign_in(mailbox.upn), people))
    accounts = [one.account("state", "sign_in_problem") for one in people]
    assert sorted(one["state"] for one in accounts) == ["active", "signed_out"]
    [refused] = [one for one in accounts if one["state"] == "signed_out"]
    assert "already connected to another Odoo user" in refused["sign_in_problem"]
    world.quiesce()


def test_signing_in_with_another_mailbox_deletes_nothing(make_person, anna, world):
    other = make_person("other")  # only the mailbox is used
    other.outlook_create("In the other mailbox", 15)
    anna.create("Lunch")
    anna.outlook_create("Dinner", 18)
    world.quiesce()
    action = anna.client.call("res.users", "action_ms365_sign_in", [anna.user_id])
    anna.client.follow_sign_in(action["url"], other.upn)
    world.quiesce()
    assert sorted(one["name"] for one in anna.events()) == ["Dinner", "Lunch"]
    anna.use_mailbox()
    world.quiesce()
    names = [one["name"] for one in anna.events()]
    assert sorted(names) == ["Dinner", "In the other mailbox", "Lunch"]
    assert len(anna.outlook_events()) == 2
    assert anna.account("mailbox_address")["mailbox_address"] == other.upn


def test_mailbox_of_another_address_is_not_touched_before_the_yes(make_person, world):
    anna, other = make_person("anna").switch_on(), make_person("other")
    other.outlook_create("In the other mailbox", 15)
    anna.create("Lunch")
    before = mark(world)
    anna.client.sign_in(other.upn)
    world.poll()
    world.quiesce()
    asked = world.control.requests(mailbox=other.upn, after=before)
    paths = {one["path"] for one in asked if "/v1.0/" in one["path"]}
    assert paths == {"/v1.0/me"}
    assert [one["name"] for one in anna.events()] == ["Lunch"]
    anna.use_mailbox()
    world.quiesce()
    assert sorted(one["name"] for one in anna.events()) == [
        "In the other mailbox",
        "Lunch",
    ]


def test_return_after_disconnecting_makes_nothing_twice(make_person, anna, world):
    guest = make_person("guest")
    lunch = anna.create("Lunch", partner_ids=[anna.partner_id, guest.partner_id])
    anna.outlook_create("Dinner", 18)
    world.quiesce()
    mails = len(world.control.mails())
    anna.disconnect()
    assert anna.account("state")["state"] == "signed_out"
    anna.write(lunch, location="Room 5")
    anna.outlook_create("Breakfast", 8)
    world.poll()
    world.quiesce()
    assert sorted(one["name"] for one in anna.events()) == ["Dinner", "Lunch"]
    assert world.control.subscriptions(anna.upn) == []
    anna.sign_in()
    world.quiesce()
    names = [one["name"] for one in anna.events()]
    assert sorted(names) == ["Breakfast", "Dinner", "Lunch"]
    assert len(anna.outlook_events()) == 3
    assert len(world.control.mails()) == mails


def test_another_mailbox_and_back_again_makes_nothing_twice(make_person, anna, world):
    guest, other = make_person("guest"), make_person("other")
    anna.create("Lunch", partner_ids=[anna.partner_id, guest.partner_id])
    anna.outlook_create("Dinner", 18)
    world.quiesce()
    mails = len(world.control.mails())
    anna.disconnect()
    anna.client.sign_in(other.upn)
    anna.use_mailbox()
    world.quiesce()
    assert sorted(one["name"] for one in anna.events()) == ["Dinner", "Lunch"]
    assert other.outlook_events() == []
    anna.disconnect()
    anna.sign_in()
    world.quiesce()
    assert anna.account("mailbox_address")["mailbox_address"] == anna.upn
    assert sorted(one["name"] for one in anna.events()) == ["Dinner", "Lunch"]
    assert len(anna.outlook_events()) == 2
    assert len(world.control.mails()) == mails
    anna.assert_same("Lunch")
    anna.assert_same("Dinner")


def test_mailbox_that_was_disconnected_can_be_connected_by_its_owner(
    make_person, world
):
    ben, anna = make_person("ben").switch_on(), make_person("anna")
    title = f"Dinner of {anna.login}"
    anna.outlook_create(title, 18)
    ben.client.sign_in(anna.upn)
    ben.use_mailbox()
    world.quiesce()
    assert [one["name"] for one in ben.events()] == [title]
    ben.disconnect()
    anna.connect()
    assert anna.account("mailbox_address")["mailbox_address"] == anna.upn
    assert len(anna.outlook_events(title)) == 1
    assert [one["name"] for one in anna.events()] == [title]
    assert [one["name"] for one in ben.events()] == [title]
    anna.assert_same(title)
    assert world.control.mails(to=anna.upn) == []


def test_person_cannot_see_the_sync_of_another(anna, ben, world, allowed_log):
    allowed_log.append("Users can only connect their own calendar")
    anna.create("Lunch")
    world.quiesce()
    for model in ("account", "outbox", "event.link", "sync.log", "calendar"):
        domain = [
            (
                "user_id" if model in ("account", "sync.log") else "account_id.user_id",
                "=",
                anna.user_id,
            )
        ]
        assert ben.client.search_read(f"praetorx.ms365.{model}", domain, []) == []
    with pytest.raises(OdooError):
        ben.client.call("res.users", "action_ms365_sync_now", [anna.user_id])


def test_window_rolls_with_time_and_loses_nothing(make_person, world):
    anna = make_person("anna")
    anna.client.set_preferences(ms365_days_ahead=60)
    near = anna.outlook_create("Near", day=5)
    anna.outlook_create("Far", day=100)
    anna.connect()
    assert [one["name"] for one in anna.events()] == ["Near"]
    world.control.fault("notification_lost", mailbox=anna.upn, times=None)
    anna.outlook_update(near, subject="Renamed")
    world.advance(50 * 86400)
    world.poll()
    world.quiesce()
    anna.assert_same("Far")
    anna.assert_same("Renamed")
    assert len(anna.events()) == 2
    assert len(anna.outlook_events()) == 2


def test_wider_window_brings_more(make_person, world):
    anna = make_person("anna")
    anna.client.set_preferences(ms365_days_ahead=30)
    anna.outlook_create("Far", day=100)
    anna.connect()
    assert anna.events() == []
    anna.choose(ms365_days_ahead=200)
    anna.assert_same("Far")


def test_each_company_signs_in_through_its_own_app_and_tenant(make_person, world):
    domain = f"fabrikam{mark(world)}.example"
    tenant = world.control.add_tenant(domain.split(".")[0], domains=[domain])
    client_id = f"{tenant['id'][:24]}0000000000a2"
    world.control.add_app(
        tenant["id"],
        client_id,
        secrets={"fabrikam-secret": None},
        redirect_uris=[world.odoo.url + CALLBACK],
    )
    company_id = world.admin.create("res.company", {"name": domain})
    world.admin.write(
        "res.company",
        company_id,
        {
            "ms365_client_id": client_id,
            "ms365_client_secret": "fabrikam-secret",
            "ms365_tenant_id": tenant["id"],
        },
    )
    anna = make_person("anna").connect()
    before = mark(world)
    fay = make_person(
        "fay", domain=domain, tenant=tenant["id"], company_id=company_id
    ).connect()
    tokens = world.control.requests(path="/token$", after=before)
    assert {one["path"].split("/")[1] for one in tokens} == {tenant["id"]}
    anna.create("Lunch")
    fay.create("Dinner")
    world.quiesce()
    anna.assert_same("Lunch")
    fay.assert_same("Dinner")
    assert fay.outlook_events("Lunch") == []


def test_wrong_secret_stops_with_words_and_goes_on_when_it_is_right(anna, world):
    world.odoo.configure(cal_microsoft_client_secret="wrong")
    try:
        world.advance(2 * 3600)
        anna.create("Lunch")
        eventually(
            lambda: anna.account("state")["state"] == "configuration", "it stopped"
        )
        status = anna.preferences("ms365_status")["ms365_status"]
        assert "administrator" in status
    finally:
        world.odoo.configure(cal_microsoft_client_secret=world.app["client_secret"])
    world.quiesce()
    anna.assert_same("Lunch")


def test_secret_that_is_repaired_while_the_wrong_one_is_asked_with(anna, world):
    world.odoo.configure(cal_microsoft_client_secret="wrong")
    try:
        slow = world.control.fault("latency", path="/token$", times=None, seconds=2)
        world.advance(2 * 3600)
        anna.create("Lunch")
        eventually(
            lambda: [one for one in world.control.faults() if one["hits"]],
            "the wrong secret is under way",
        )
    finally:
        world.odoo.configure(cal_microsoft_client_secret=world.app["client_secret"])
    world.control.remove_fault(slow)
    world.quiesce()
    anna.assert_same("Lunch")
