import { waitForChannels } from "@bus/../tests/bus_test_helpers";
import { defineCalendarModels } from "@calendar/../tests/calendar_test_helpers";
import { beforeEach, describe, destroy, expect, test, waitFor } from "@odoo/hoot";
import { advanceTime, animationFrame, mockDate } from "@odoo/hoot-mock";
import {
    contains,
    getService,
    makeMockServer,
    MockServer,
    mountView,
    onRpc,
    preloadBundle,
    serverState,
} from "@web/../tests/web_test_helpers";
import { clickEvent } from "@web/../tests/views/calendar/calendar_test_helpers";
import { CALENDAR_CHANGED } from "@praetorx_ms365_calendar/calendar/calendar_controller";
import {
    BUSY_MS,
    SETTLE_MS,
} from "@praetorx_ms365_calendar/calendar/use_refresh_when_free";

describe.current.tags("desktop");
defineCalendarModels();
preloadBundle("web.fullcalendar_lib");

const ARCH = /* xml */ `
    <calendar js_class="attendee_calendar" mode="week" event_open_popup="1"
        date_start="start" date_stop="stop" all_day="allday">
        <field name="ms365_sync_state" invisible="1"/>
        <field name="partner_id"/>
        <field name="user_id"/>
        <field name="partner_ids" write_model="calendar.filters"
            write_field="partner_id" filter_field="partner_checked"/>
    </calendar>
`;
const CHANNEL = "the user's";
const OURS = { microsoft_calendar: "sync_active", praetorx_ms365: true };
const STOCK = { microsoft_calendar: "sync_active" };

function createEvent(name, values = {}) {
    const { env } = MockServer.current;
    return env["calendar.event"].create({
        name,
        start: "2026-03-04 10:00:00",
        stop: "2026-03-04 11:00:00",
        partner_ids: [serverState.partnerId],
        attendee_ids: env["calendar.attendee"].create([
            { partner_id: serverState.partnerId },
        ]),
        ...values,
    });
}

async function openCalendar(status = OURS) {
    onRpc("res.users", "check_synchronization_status", () => status);
    const view = await mountView({
        type: "calendar",
        resModel: "calendar.event",
        arch: ARCH,
    });
    getService("bus_service").addChannel(CHANNEL);
    await waitForChannels([CHANNEL]);
    return view;
}

async function notify(times = 1) {
    for (let i = 0; i < times; i++) {
        MockServer.env["bus.bus"]._sendone(CHANNEL, CALENDAR_CHANGED, {});
    }
    await animationFrame();
}

beforeEach(async () => {
    mockDate("2026-03-04 08:00:00", 0);
    await makeMockServer();
    onRpc("res.users", "has_group", () => true);
    onRpc("res.partner", "get_attendee_detail", () => []);
    onRpc("/calendar/check_credentials", () => ({ microsoft_calendar: true }));
    onRpc("/microsoft_calendar/sync_data", () => {
        expect.step("asked Outlook");
        return { status: "no_new_event_from_microsoft" };
    });
    onRpc("calendar.event", "search_read", () => {
        expect.step("read events");
    });
});

test("an open calendar shows what the sync changed, without asking Outlook", async () => {
    await openCalendar();
    expect(".fc-event").toHaveCount(0);
    expect.verifySteps(["asked Outlook", "read events"]);

    createEvent("From Outlook");
    await notify();
    await advanceTime(SETTLE_MS);
    await waitFor(".fc-event:contains(From Outlook)");
    expect.verifySteps(["read events"]);
});

test("many changes at once are read once", async () => {
    await openCalendar();
    expect.verifySteps(["asked Outlook", "read events"]);

    await notify(5);
    await advanceTime(SETTLE_MS);
    await animationFrame();
    expect.verifySteps(["read events"]);
});

test("nothing is redrawn under an open popover, but after it", async () => {
    const eventId = createEvent("Looked at");
    await openCalendar();
    await clickEvent(eventId);
    expect(".o_cw_popover").toHaveCount(1);
    expect.verifySteps(["asked Outlook", "read events"]);

    createEvent("Meanwhile", {
        start: "2026-03-04 14:00:00",
        stop: "2026-03-04 15:00:00",
    });
    await notify();
    await advanceTime(SETTLE_MS + 3 * BUSY_MS);
    expect(".o_cw_popover").toHaveCount(1);
    expect.verifySteps([]);

    await contains(".o_cw_popover_close").click();
    await advanceTime(BUSY_MS);
    await waitFor(".fc-event:contains(Meanwhile)");
    expect.verifySteps(["read events"]);
});

test("nothing is redrawn while an event is dragged", async () => {
    await openCalendar();
    const mirror = document.createElement("div");
    mirror.className = "fc-event-dragging";
    document.querySelector(".o_calendar_renderer").append(mirror);
    expect.verifySteps(["asked Outlook", "read events"]);

    await notify();
    await advanceTime(SETTLE_MS + 3 * BUSY_MS);
    expect.verifySteps([]);

    mirror.remove();
    await advanceTime(BUSY_MS);
    await animationFrame();
    expect.verifySteps(["read events"]);
});

test("a calendar that was left reads nothing any more", async () => {
    const view = await openCalendar();
    expect.verifySteps(["asked Outlook", "read events"]);
    await notify();
    destroy(view);

    await notify();
    await advanceTime(SETTLE_MS + BUSY_MS);
    expect.verifySteps([]);
});

test("events that need a person are marked", async () => {
    createEvent("In conflict", { ms365_sync_state: "conflict" });
    createEvent("In sync", { ms365_sync_state: "synced" });
    await openCalendar();
    expect(".fc-event:contains(In conflict) .o_ms365_trouble").toHaveCount(1);
    expect(".fc-event:contains(In sync) .o_ms365_trouble").toHaveCount(0);
    expect.verifySteps(["asked Outlook", "read events"]);
});

test("our users sync now by the Outlook button and see the answer", async () => {
    onRpc("res.users", "action_ms365_sync_now", ({ args }) => {
        expect.step(`sync now ${args[0]}`);
        return {
            type: "ir.actions.client",
            tag: "display_notification",
            params: { message: "Sync started.", type: "success" },
        };
    });
    await openCalendar();
    expect("#google_calendar_sync").toHaveCount(0);
    await contains(".o_ms365_sync_now").click();
    await waitFor(".o_notification:contains(Sync started.)");
    expect.verifySteps([
        "asked Outlook",
        "read events",
        `sync now ${serverState.userId}`,
    ]);
});

test("users of the stock connector keep its button", async () => {
    await openCalendar(STOCK);
    expect(".o_ms365_sync_now").toHaveCount(0);
    expect("#google_calendar_sync:contains(Outlook)").toHaveCount(1);
    expect.verifySteps(["asked Outlook", "read events"]);
});
