"""Another organizer of a series: one series in both calendars, the mails foreseen."""

from __future__ import annotations

from .harness.person import Person
from .harness.series import (
    assert_same_series,
    local_start,
    occurrences,
    odoo_series,
    rows,
)


def change_organizer(event_id: int, who: Person, new: Person) -> int:
    """Go through the dialog of the event form; return the number of mails it shows."""
    wizard_id = who.client.create(
        "praetorx.ms365.organizer.change",
        {"event_id": event_id, "new_organizer_id": new.user_id},
    )
    wizard = who.client.read("praetorx.ms365.organizer.change", wizard_id, "mail_count")
    who.client.call("praetorx.ms365.organizer.change", "action_change", [wizard_id])
    approvals = new.client.search_read(
        "praetorx.ms365.approval", [("state", "=", "waiting")], ["seen"]
    )
    ids = [one["id"] for one in approvals]
    seen = ",".join(one["seen"] for one in approvals)
    new.client.call(
        "praetorx.ms365.approval", "action_approve", ids, context={"ms365_seen": seen}
    )
    return wizard["mail_count"]


def test_series_with_its_exceptions_goes_to_another_organizer(anna, ben, world):
    """Complaint odoo/odoo#208235: another organizer doubled the series."""
    odoo_series(
        anna,
        "Standup",
        local_start(world),
        partner_ids=[(6, 0, [anna.partner_id, ben.partner_id])],
    )
    world.quiesce()
    found = rows(anna)
    anna.write(found[1]["id"], name="Retro", recurrence_update="self_only")
    anna.client.unlink("calendar.event", found[2]["id"])
    world.quiesce()
    world.control.reset_mails()
    before = assert_same_series(anna)
    foreseen = change_organizer(found[0]["id"], anna, ben)
    world.quiesce()
    world.poll()
    world.quiesce()
    after = assert_same_series(ben)
    assert [row["id"] for row in after] == [row["id"] for row in before]
    assert [row["name"] for row in after] == ["Standup", "Retro", "Standup"]
    assert rows(anna) == []
    assert {one["isOrganizer"] for one in occurrences(anna)} == {False}
    assert len(occurrences(anna)) == 3
    assert len(world.control.mails()) == foreseen
