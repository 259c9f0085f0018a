"""Change notifications are hints: lost, doubled or forged, the calendars end equal."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
import requests

from .harness.notifying import LIFECYCLE, NOTIFICATION, notify, subscription_of
from .harness.person import Person, mark
from .harness.waiting import eventually
from .harness.world import World

#: Text in the log before a cron tries a step once more.
ANOTHER_TRY = "was changed meanwhile"


def delta_reads(world: World, person: Person, after: int) -> list[dict]:
    """Return the requests that looked for changes in a mailbox."""
    return world.control.requests(mailbox=person.upn, path="delta", after=after)


def test_subscription_is_made_by_itself(anna, world):
    subscription = subscription_of(world, anna)
    assert subscription["notificationUrl"] == world.odoo.url + NOTIFICATION
    assert subscription["lifecycleNotificationUrl"] == world.odoo.url + LIFECYCLE
    assert "within seconds" in anna.preferences("ms365_status")["ms365_status"]


def test_subscription_ends_when_the_person_switches_off(anna, world):
    anna.switch_off()
    world.quiesce()
    world.wake("ir_cron_renew_subscriptions")
    world.until_crons_idle()
    assert world.control.subscriptions(anna.upn) == []


def test_lost_notification_is_made_good_by_polling(anna, world):
    world.control.fault("notification_lost", mailbox=anna.upn, times=None)
    anna.outlook_create("Lunch")
    world.quiesce()
    assert anna.events("Lunch") == []
    world.poll()
    world.quiesce()
    anna.assert_same("Lunch")


@pytest.mark.parametrize(
    "fault", ["notification_doubled", "notification_reordered", "notification_late"]
)
def test_notifications_in_disorder_end_in_equal_calendars(anna, world, fault):
    world.control.fault(fault, mailbox=anna.upn, times=None, seconds=30)
    event = anna.outlook_create("Lunch")
    for name in ("Brunch", "Dinner", "Supper"):
        anna.outlook_update(event, subject=name)
    anna.outlook_create("Breakfast", 7)
    world.quiesce()
    world.advance(40)
    world.quiesce()
    anna.assert_same("Supper")
    anna.assert_same("Breakfast")
    assert len(anna.events()) == 2


def test_forged_notification_is_answered_like_a_true_one_and_does_nothing(anna, world):
    world.quiesce()
    subscription = subscription_of(world, anna)
    before = mark(world)
    forged = [
        notify(world, subscription, state="0" * 64),
        notify(world, subscription, id_="00000000-0000-4000-8000-000000000000"),
    ]
    world.until_crons_idle()
    assert delta_reads(world, anna, before) == []
    true = notify(world, subscription)
    assert {(one.status_code, one.text) for one in [*forged, true]} == {(202, "")}
    world.quiesce()
    assert delta_reads(world, anna, before)


def test_handshake_repeats_the_token_as_plain_text(world):
    response = requests.post(
        world.odoo.url + NOTIFICATION,
        params={"validationToken": "a <b> & c"},
        timeout=60,
    )
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/plain")
    assert response.text == "a <b> & c"


def test_nonsense_is_refused(world):
    url = world.odoo.url + NOTIFICATION
    assert requests.post(url, data="nonsense", timeout=60).status_code == 400
    large = requests.post(url, data=b"x" * (2 * 1024 * 1024), timeout=60)
    assert large.status_code == 413


def test_burst_of_notifications_is_all_taken_and_read_a_few_times(anna, world):
    world.quiesce()
    subscription = subscription_of(world, anna)
    before, count = mark(world), 250
    with ThreadPoolExecutor(10) as pool:
        responses = list(pool.map(lambda _n: notify(world, subscription), range(count)))
    assert {one.status_code for one in responses} == {202}
    world.quiesce()
    assert 1 <= len(delta_reads(world, anna, before)) < count / 5


def test_refused_subscription_is_told_and_polling_does_the_job(make_person, world):
    anna = make_person("anna")
    world.control.update_mailbox(anna.upn, refuse_subscriptions="url_not_public")
    anna.connect()
    assert world.control.subscriptions(anna.upn) == []
    assert "15 minutes" in anna.preferences("ms365_status")["ms365_status"]
    anna.outlook_create("Lunch")
    world.poll()
    world.quiesce()
    anna.assert_same("Lunch")


def test_subscription_is_renewed_before_it_ends(anna, world):
    first = subscription_of(world, anna)
    ends = datetime.fromisoformat(first["expirationDateTime"][:19])
    renew_at = world.database.value(
        """SELECT s.renew_at FROM praetorx_ms365_subscription s
             JOIN praetorx_ms365_account a ON a.id = s.account_id
            WHERE a.user_id = %s""",
        anna.user_id,
    )
    assert renew_at < ends
    world.advance((renew_at - world.now()).total_seconds() + 60)
    world.quiesce()
    world.until_crons_idle()
    renewed = subscription_of(world, anna)
    assert renewed["id"] == first["id"]
    assert datetime.fromisoformat(renewed["expirationDateTime"][:19]) > ends


@pytest.mark.parametrize(
    ("cron", "table"),
    [
        ("ir_cron_renew_subscriptions", "subscription"),
        ("ir_cron_renew_subscriptions", "account"),
        ("ir_cron_delta_poll", "account"),
    ],
)
def test_cron_tries_again_where_somebody_was_faster(anna, world, cron, table):
    """No error in the log, and nothing that waits for the cron's next turn."""
    # A cron that still ran would do the work before somebody is faster.
    world.quiesce()
    world.until_crons_idle()
    first = subscription_of(world, anna)
    account = world.database.value(
        "SELECT id FROM praetorx_ms365_account WHERE user_id = %s", anna.user_id
    )
    waits, faster = {
        "account": (
            """UPDATE praetorx_ms365_account
                  SET state = 'unavailable', not_before = now() - interval '1 hour'
                WHERE id = %s RETURNING id""",
            "UPDATE praetorx_ms365_account SET last_pull_at = last_pull_at"
            " WHERE id = %s",
        ),
        "subscription": (
            """UPDATE praetorx_ms365_subscription
                  SET state = 'removed', remote_id = NULL
                WHERE account_id = %s RETURNING id""",
            "UPDATE praetorx_ms365_subscription SET failures = failures"
            " WHERE account_id = %s",
        ),
    }[table]
    assert world.database.rows(waits, account)
    tries = world.odoo.log.count(ANOTHER_TRY)
    with world.database.changed_under(
        lambda: world.odoo.log.count(ANOTHER_TRY) > tries, faster, account
    ):
        world.wake(cron)
    eventually(lambda: anna.account()["state"] == "active", "it is looked at again")
    if table == "subscription":
        eventually(
            lambda: (
                {one["id"] for one in world.control.subscriptions(anna.upn)}
                - {first["id"]}
            ),
            "a new one is made",
        )


def test_subscription_that_graph_removed_is_made_again(anna, world):
    first = subscription_of(world, anna)
    world.control.drop_subscription(first["id"])
    world.quiesce()
    world.until_crons_idle()
    assert subscription_of(world, anna)["id"] != first["id"]
    anna.outlook_create("Lunch")
    world.quiesce()
    anna.assert_same("Lunch")


def test_missed_notifications_are_made_good(anna, world):
    world.control.fault("notification_lost", mailbox=anna.upn, times=None)
    anna.outlook_create("Lunch")
    world.quiesce()
    world.control.clear_faults()
    world.control.lifecycle(subscription_of(world, anna)["id"], "missed")
    world.quiesce()
    anna.assert_same("Lunch")


def test_odoo_that_was_down_reads_what_it_missed(anna, world):
    world.odoo.stop()
    anna.outlook_create("Lunch")
    world.odoo.start()
    world.admin.log_in()
    anna.client.log_in()
    world.advance(60)
    world.quiesce()
    world.poll()
    world.quiesce()
    anna.assert_same("Lunch")
