import { Many2ManyAttendee } from "@calendar/views/fields/many2many_attendee";
import { onWillUnmount, useEffect, useState } from "@odoo/owl";
import { serializeDateTime } from "@web/core/l10n/dates";
import { useService } from "@web/core/utils/hooks";
import { patch } from "@web/core/utils/patch";
import { whenConnected } from "../when_connected";

/** Sent by the server when Outlook has said when attendees are busy. */
export const BUSY_TIMES_READ = "praetorx_ms365/busy_times";

patch(Many2ManyAttendee.prototype, {
    setup() {
        super.setup();
        this.ms365 = useState({ busyIds: [] });
        if (!("ms365_asks_busy_times" in this.props.record.fields)) {
            return;
        }
        this.ms365Orm = useService("orm");
        const bus = useService("bus_service");
        const ask = () => void this.ms365AskBusyTimes();
        bus.subscribe(BUSY_TIMES_READ, ask);
        onWillUnmount(() => bus.unsubscribe(BUSY_TIMES_READ, ask));
        useEffect(ask, () => [JSON.stringify(this.ms365Question)]);
    },

    /** The arguments of the question to the server; null if it may not be asked. */
    get ms365Question() {
        const { data, resId } = this.props.record;
        if (!data.ms365_asks_busy_times || !data.start || !data.stop) {
            return null;
        }
        const ids = data[this.props.name].records.map((partner) => partner.resId);
        const times = [data.start, data.stop].map(serializeDateTime);
        return [resId || false, ids, ...times];
    },

    /** The server answers with what it knows, and asks Outlook in the background. */
    async ms365AskBusyTimes() {
        const question = this.ms365Question;
        if (!question) {
            this.ms365.busyIds = [];
            return;
        }
        const busyIds = await whenConnected(
            this.ms365Orm.silent.call(
                "calendar.event",
                "ms365_ask_busy_times",
                question,
            ),
        );
        const isCurrent =
            JSON.stringify(question) === JSON.stringify(this.ms365Question);
        if (busyIds && isCurrent) {
            this.ms365.busyIds = busyIds;
        }
    },

    get tags() {
        const tags = super.tags;
        for (const tag of tags) {
            if (this.ms365.busyIds.includes(tag.resId)) {
                tag.isUnavailable = true;
            }
        }
        return tags;
    },
});
