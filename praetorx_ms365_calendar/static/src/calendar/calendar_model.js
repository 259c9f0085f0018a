import { AttendeeCalendarModel } from "@calendar/views/attendee_calendar/attendee_calendar_model";
import { user } from "@web/core/user";
import { patch } from "@web/core/utils/patch";
import { signOf } from "../mark/marks";

const STATUS_ICONS = {
    ok: "fa-check o_text_green",
    working: "fa-refresh",
    attention: "fa-exclamation-triangle text-warning",
    trouble: "fa-times text-danger",
};

patch(AttendeeCalendarModel.prototype, {
    /** The status of the sync as the server tells it; `offer` to connect with it. */
    get ms365() {
        return this.syncStatus?.praetorx_ms365;
    },

    /** Whether this addon, and not the stock connector, syncs the user's calendar. */
    get isMs365() {
        return Boolean(this.ms365) && this.ms365.level !== "offer";
    },

    get ms365Icon() {
        return STATUS_ICONS[this.ms365.level];
    },

    /** Whether neither Google nor the standard Outlook connector has a button here. */
    get hidesStockButtons() {
        return (
            Boolean(this.ms365) &&
            !this.ms365.stock_allowed &&
            !this.credentialStatus.google_calendar
        );
    },

    /** Without it, the standard connector offers its own sign-in. */
    get microsoftCredentialsSet() {
        if (this.ms365 && !this.ms365.stock_allowed && !this.isMs365) {
            return false;
        }
        return super.microsoftCredentialsSet;
    },

    /** Show what is in Odoo now; it is the sync that has changed it, so do not wake it. */
    async reloadWithoutAsking() {
        const status = this.isMs365 && this.readStatus();
        this.asksOutlook = false;
        const loaded = this.load();
        this.asksOutlook = true;
        await loaded;
        if (status) {
            this.syncStatus = await status;
            this.notify();
        }
        return loaded;
    },

    /** Odoo reads the status once; the button shows the present one. */
    readStatus() {
        return this.orm.silent.call("res.users", "check_synchronization_status", [
            [user.userId],
        ]);
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
        record.ms365Mark = signOf(rawRecord.ms365_mark);
        if (record.ms365Mark) {
            record.titleIcon = `fa ${record.ms365Mark.icon}`;
        }
        return record;
    },
});
