import { AttendeeCalendarController } from "@calendar/views/attendee_calendar/attendee_calendar_controller";
import { ConnectionLostError } from "@web/core/network/rpc";
import { user } from "@web/core/user";
import { patch } from "@web/core/utils/patch";
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
        try {
            await this.model.reloadWithoutAsking();
        } catch (error) {
            if (!(error instanceof ConnectionLostError)) {
                throw error;
            }
        }
    },

    /** Nobody waits for Microsoft: the answer is at once, the changes come by the bus. */
    async onMs365SyncNow() {
        const action = await this.orm.silent.call(
            "res.users",
            "action_ms365_sync_now",
            [[user.userId]],
        );
        await this.actionService.doAction(action);
    },
});
