import { AttendeeCalendarController } from "@calendar/views/attendee_calendar/attendee_calendar_controller";
import { user } from "@web/core/user";
import { patch } from "@web/core/utils/patch";
import { whenConnected } from "../when_connected";
import { useRefreshWhenFree } from "./use_refresh_when_free";

/** Sent by the server when the sync has changed events of this user. */
export const CALENDAR_CHANGED = "praetorx_ms365/calendar_changed";
/** FullCalendar's marks of an event on the move, and of a span being drawn. */
const DRAGGING =
    ".fc-event-dragging, .fc-event-resizing, .fc-event-mirror, .fc-highlight";

patch(AttendeeCalendarController.prototype, {
    setup() {
        super.setup(...arguments);
        useRefreshWhenFree(
            CALENDAR_CHANGED,
            () => this.model.isLoading || Boolean(document.querySelector(DRAGGING)),
            () => this.showWhatTheSyncChanged(),
        );
    },

    async showWhatTheSyncChanged() {
        await whenConnected(this.model.reloadWithoutAsking());
    },

    /** The same button connects, and shows the status afterwards. */
    async onMs365Button() {
        const method = this.model.isMs365
            ? "action_ms365_open_connection"
            : "action_ms365_connect";
        const action = await this.orm.call("res.users", method, [[user.userId]]);
        await this.actionService.doAction(action);
    },
});
