import { AttendeeCalendarModel } from "@calendar/views/attendee_calendar/attendee_calendar_model";
import { patch } from "@web/core/utils/patch";

const NEEDS_A_PERSON = ["conflict", "error"];

patch(AttendeeCalendarModel.prototype, {
    /** Whether this addon, and not the stock connector, syncs the user's calendar. */
    get isMs365() {
        return Boolean(this.syncStatus?.praetorx_ms365);
    },

    /** Show what is in Odoo now; it is the sync that has changed it, so do not wake it. */
    async reloadWithoutAsking() {
        this.asksOutlook = false;
        const loaded = this.load();
        this.asksOutlook = true;
        return loaded;
    },

    /** Another load would leave the callers of this one waiting for ever. */
    async load() {
        this.isLoading = true;
        try {
            return await super.load(...arguments);
        } finally {
            this.isLoading = false;
        }
    },

    async syncMicrosoftCalendar() {
        if (this.asksOutlook === false) {
            return { status: "no_new_event_from_microsoft" };
        }
        return super.syncMicrosoftCalendar(...arguments);
    },

    normalizeRecord(rawRecord) {
        const record = super.normalizeRecord(rawRecord);
        if (NEEDS_A_PERSON.includes(rawRecord.ms365_sync_state)) {
            record.titleIcon = "fa fa-exclamation-triangle text-warning";
        }
        return record;
    },
});
