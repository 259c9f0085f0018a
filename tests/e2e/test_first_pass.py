"""Test the first sync: equal events are linked, nobody is mailed, people are asked."""

from __future__ import annotations

from .harness.person import Person, mark
from .harness.series import assert_same_series, local_start, odoo_series, rows
from .harness.world import World


def lose_links(world: World, person: Person, *, stock_ids: bool) -> None:
    """Forget everything that the addon knew, as when it was uninstalled.

    :param stock_ids: whether the stock connector's ids in the events go as well
    """
    world.database.rows(
        "DELETE FROM praetorx_ms365_account WHERE user_id = %s", person.user_id
    )
    world.database.rows(
        """UPDATE res_users SET ms365_sync_enabled = FALSE,
                  microsoft_calendar_rtoken = NULL, microsoft_calendar_token = NULL
            WHERE id = %s""",
        person.user_id,
    )
    world.database.rows(
        "UPDATE calendar_event SET ms365_sync_state = 'none' WHERE user_id = %s",
        person.user_id,
    )
    if stock_ids:
        world.database.rows(
            """UPDATE calendar_event
                  SET microsoft_id = NULL, ms_universal_event_id = NULL
                WHERE user_id = %s""",
            person.user_id,
        )
    world.odoo.restart()  # clear the memory of its processes too
    world.admin.log_in()
    person.client.log_in()


def test_lost_links_are_found_again_by_stamp_and_icaluid(anna, world):
    anna.create("Made in Odoo")
    anna.outlook_create("Made in Outlook", 11)
    world.quiesce()
    lose_links(world, anna, stock_ids=False)
    before = mark(world)
    anna.connect()
    assert anna.writes(before) == []
    anna.assert_same("Made in Odoo")
    anna.assert_same("Made in Outlook")
    event_id = anna.only_event("Made in Odoo")["id"]
    anna.write(event_id, name="Edited after all")
    world.quiesce()
    anna.assert_same("Edited after all")


def test_stamp_alone_is_enough_to_find_what_odoo_made(anna, world):
    anna.create("Made in Odoo")
    world.quiesce()
    lose_links(world, anna, stock_ids=True)
    before = mark(world)
    anna.connect()
    assert anna.writes(before) == []
    anna.assert_same("Made in Odoo")


def test_meeting_with_others_waits_for_the_persons_word(make_person, world):
    anna, ben = make_person("anna"), make_person("ben")
    anna.create("With Ben", attendees=[ben])
    anna.create("Alone", 11)
    anna.connect()
    assert anna.outlook_events("With Ben") == []
    assert len(anna.outlook_events("Alone")) == 1
    counts = anna.account("waiting_event_count", "waiting_mail_count")
    assert counts["waiting_event_count"] == 1
    assert counts["waiting_mail_count"] == 1
    assert world.control.mails() == []


def test_the_word_sends_waiting_meetings_with_one_mail_each(make_person, world):
    anna, ben = make_person("anna"), make_person("ben")
    anna.create("With Ben", attendees=[ben])
    anna.connect()
    anna.send_waiting()
    world.quiesce()
    anna.assert_same("With Ben")
    mails = world.control.mails()
    assert [(one["kind"], one["to"]) for one in mails] == [("invitation", ben.upn)]
    assert anna.account("waiting_event_count")["waiting_event_count"] == 0


def test_second_and_third_attendee_switch_on_without_mail_or_write(make_person, world):
    anna = make_person("anna").connect()
    ben, cleo = make_person("ben"), make_person("cleo")
    anna.create("Planning", attendees=[ben, cleo])
    anna.outlook_create("Review", 11, attendees=[ben, cleo])
    world.quiesce()
    world.control.reset_mails()
    before = mark(world)
    ben.connect()
    cleo.connect()
    world.poll()
    world.quiesce()
    assert world.control.mails() == []
    assert [*anna.writes(before), *ben.writes(before), *cleo.writes(before)] == []
    for name in ("Planning", "Review"):
        assert [one["id"] for one in anna.events(name)] == [
            one["id"] for one in ben.events(name)
        ]
        assert len(cleo.events(name)) == 1


def test_reading_everything_again_mails_nobody_and_writes_nothing(anna, ben, world):
    anna.create("Planning", attendees=[ben])
    ben.outlook_create("Review", 11, attendees=[anna])
    world.quiesce()
    world.control.reset_mails()
    before = mark(world)
    accounts = [anna.account()["id"], ben.account()["id"]]
    world.admin.call("praetorx.ms365.account", "action_resync", accounts)
    world.quiesce()
    assert world.control.mails() == []
    assert [*anna.writes(before), *ben.writes(before)] == []
    anna.assert_same("Planning")


def test_switching_off_and_on_again_changes_nothing(anna, world):
    anna.create("Made in Odoo")
    anna.outlook_create("Made in Outlook", 11)
    world.quiesce()
    before = mark(world)
    anna.switch_off()
    world.quiesce()
    anna.switch_on()
    world.quiesce()
    assert anna.writes(before) == []
    anna.assert_same("Made in Odoo")
    anna.assert_same("Made in Outlook")


def test_edits_made_while_it_was_off_arrive_afterwards(anna, world):
    remote = anna.outlook_create("Lunch")
    world.quiesce()
    anna.switch_off()
    world.quiesce()
    anna.outlook_update(remote, subject="Dinner")
    anna.switch_on()
    world.quiesce()
    anna.assert_same("Dinner")


def test_series_from_before_goes_to_outlook_without_the_date_deleted_then(
    make_person, world
):
    anna = make_person("anna")
    odoo_series(anna, "Standup", local_start(world))
    anna.unlink(rows(anna)[1]["id"])
    anna.connect()
    world.quiesce()
    assert len(assert_same_series(anna)) == 3
