"""Test sign-ins, windows and companies: settings of a whole mailbox."""

from __future__ import annotations

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
    ben.client.sign_in(anna.upn)
    eventually(lambda: ben.account("state")["state"] == "unavailable", "refused")
    anna.create("Lunch")
    world.quiesce()
    assert ben.events() == []
    anna.assert_same("Lunch")


def test_signing_in_with_another_mailbox_deletes_nothing(make_person, anna, world):
    other = make_person("other")  # only the mailbox is used
    other.outlook_create("In the other mailbox", 15)
    anna.create("Lunch")
    anna.outlook_create("Dinner", 18)
    world.quiesce()
    action = anna.client.call("res.users", "action_ms365_sign_in", [anna.user_id])
    anna.client.follow_sign_in(action["url"], other.upn)
    world.quiesce()
    names = [one["name"] for one in anna.events()]
    assert sorted(names) == ["Dinner", "In the other mailbox", "Lunch"]
    assert len(anna.outlook_events()) == 2
    assert anna.account("mailbox_address")["mailbox_address"] == other.upn


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
    anna.client.set_preferences(ms365_days_ahead=200)
    world.quiesce()
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
