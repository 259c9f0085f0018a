import { waitForChannels } from "@bus/../tests/bus_test_helpers";
import { defineCalendarModels } from "@calendar/../tests/calendar_test_helpers";
import {
    beforeEach,
    describe,
    destroy,
    expect,
    queryOne,
    test,
    waitFor,
} from "@odoo/hoot";
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
import { MARKS } from "@praetorx_ms365_calendar/mark/marks";
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
        <field name="ms365_mark" widget="ms365_mark"/>
        <field name="partner_id"/>
        <field name="user_id"/>
        <field name="partner_ids" write_model="calendar.filters"
            write_field="partner_id" filter_field="partner_checked"/>
    </calendar>
`;
const CHANNEL = "the user's";
const CONNECTED = { level: "attention", count: 3, words: "Conflicts to decide: 3." };
const OURS = { microsoft_calendar: "sync_active", praetorx_ms365: CONNECTED };
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

test("each trouble and each question has its own sign with its own words", async () => {
    const names = Object.keys(MARKS).filter((name) => MARKS[name].icon);
    names.forEach((name, hour) => {
        createEvent(`is ${name}`, {
            ms365_mark: name,
            start: `2026-03-04 ${10 + hour}:00:00`,
            stop: `2026-03-04 ${11 + hour}:00:00`,
        });
    });
    await openCalendar();
    const signs = names.map((name) =>
        queryOne(`.fc-event:contains(is ${name}) .o_ms365_mark[data-mark=${name}]`),
    );
    const words = signs.map((sign) => sign.getAttribute("aria-label"));
    expect(new Set(signs.map((sign) => sign.className)).size).toBe(names.length);
    expect(new Set(words).size).toBe(names.length);
    expect(signs.map((sign) => sign.dataset.tooltip)).toEqual(words);
    expect.verifySteps(["asked Outlook", "read events"]);
});

test("an event in sync has no sign, and its popover says so", async () => {
    const id = createEvent("In sync", { ms365_mark: "synced" });
    await openCalendar();
    expect(".fc-event:contains(In sync) .o_ms365_mark").toHaveCount(0);
    await clickEvent(id);
    expect(".o_cw_popover .o_ms365_mark.badge").toHaveText(/^In sync/);
    expect.verifySteps(["asked Outlook", "read events"]);
});

test("our users see the status on the button, and it opens their connection", async () => {
    onRpc("res.users", "action_ms365_open_connection", ({ args }) => {
        expect.step(`open connection ${args[0]}`);
        return {
            type: "ir.actions.client",
            tag: "display_notification",
            params: { message: "My Connection.", type: "success" },
        };
    });
    await openCalendar();
    expect("#google_calendar_sync").toHaveCount(0);
    expect(".o_ms365_status[data-level='attention']:contains(3)").toHaveCount(1);
    expect(".o_ms365_status").toHaveAttribute("data-tooltip", CONNECTED.words);
    await contains(".o_ms365_status").click();
    await waitFor(".o_notification:contains(My Connection.)");
    expect.verifySteps([
        "asked Outlook",
        "read events",
        `open connection ${serverState.userId}`,
    ]);
});

test("whoever syncs with nobody is offered our dialog, not the stock sign-in", async () => {
    onRpc("res.users", "action_ms365_connect", () => {
        expect.step("open dialog");
        return {
            type: "ir.actions.client",
            tag: "display_notification",
            params: { message: "Dialog.", type: "success" },
        };
    });
    await openCalendar({
        microsoft_calendar: "sync_stopped",
        praetorx_ms365: { level: "offer", stock_allowed: false },
    });
    expect("#microsoft_sync_pending").toHaveCount(0);
    await contains(".o_ms365_connect").click();
    await waitFor(".o_notification:contains(Dialog.)");
    expect.verifySteps(["asked Outlook", "read events", "open dialog"]);
});

test("users of the stock connector keep its button", async () => {
    await openCalendar(STOCK);
    expect(".o_ms365_status, .o_ms365_connect").toHaveCount(0);
    expect("#google_calendar_sync:contains(Outlook)").toHaveCount(1);
    expect.verifySteps(["asked Outlook", "read events"]);
});
