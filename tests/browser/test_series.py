"""Test series in the event form and in the calendar."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import expect

from e2e.harness.person import graph_time, mark
from e2e.harness.series import WINDOWS_ZONE, outlook_series, rows, weekly

from .odoo_screen import today_at


def start_today():
    """Return nine o'clock today, local time in Berlin."""
    return today_at(9).replace(tzinfo=None)


def test_series_made_in_outlook_is_renamed_whole_in_the_form(anna, odoo, world):
    outlook_series(anna, "Standup", start_today())
    world.quiesce()
    odoo.open_event(rows(anna)[0]["id"])
    odoo.field("recurrence_update").get_by_text("All events", exact=True).click()
    odoo.field("name").locator("input, textarea").first.fill("Daily")
    before = mark(world)
    odoo.save()
    world.quiesce()
    assert {row["name"] for row in rows(anna)} == {"Daily"}
    assert [request["method"] for request in anna.writes(before)] == ["PATCH"]
    odoo.take_picture("series-form")


def test_series_that_odoo_cannot_hold_says_why(anna, odoo, world):
    start = start_today()
    monthly = weekly(start)
    monthly["pattern"] = {
        "type": "relativeMonthly",
        "interval": 1,
        "daysOfWeek": ["monday", "tuesday", "wednesday", "thursday", "friday"],
        "index": "last",
    }
    world.control.create_event(
        anna.upn,
        {
            "subject": "Pay day",
            "start": graph_time(start, WINDOWS_ZONE),
            "end": graph_time(start + timedelta(hours=1), WINDOWS_ZONE),
            "recurrence": monthly,
        },
    )
    world.quiesce()
    odoo.open_event(rows(anna)[0]["id"])
    reason = odoo.page.locator(".o_ms365_rule")
    expect(reason).to_contain_text("one of several weekdays")
    odoo.take_picture("series-read-only")
    odoo.page.set_viewport_size({"width": 390, "height": 844})
    odoo.assert_fits_the_width()
    odoo.take_picture("series-read-only-phone")
