"""Test changes of a meeting without an edit: they wait until its owner agrees."""

from __future__ import annotations


def test_merged_guest_is_sent_once_the_owner_agrees(world, make_person):
    anna = make_person("anna")
    anna.connect()
    admin = world.admin
    old, new = "old@elsewhere.example", "new@elsewhere.example"
    guest, other = (
        admin.create("res.partner", {"name": address, "email": address})
        for address in (old, new)
    )
    event = anna.create("Lunch", partner_ids=[(6, 0, [anna.partner_id, guest])])
    world.quiesce()
    model = "base.partner.merge.automatic.wizard"
    values = {
        "state": "selection",
        "partner_ids": [(6, 0, [guest, other])],
        "dst_partner_id": other,
    }
    admin.call(model, "action_merge", [admin.create(model, values)])
    anna.client.write("calendar.event", event, {"location": "Hall"})
    world.quiesce()
    world.run_cron("ir_cron_compare")

    def guests() -> list[str]:
        [found] = anna.outlook_events()
        return [one["emailAddress"]["address"] for one in found["attendees"]]

    assert guests() == [old], "nothing rides along"
    domain = [("kind", "=", "noticed"), ("state", "=", "waiting")]
    [asked] = anna.client.search_read(
        "praetorx.ms365.approval", domain, ["mail_count", "seen"]
    )
    assert asked["mail_count"] == 2
    anna.client.call(
        "praetorx.ms365.approval",
        "action_approve",
        [asked["id"]],
        context={"ms365_seen": asked["seen"]},
    )
    world.quiesce()
    assert guests() == [new]
