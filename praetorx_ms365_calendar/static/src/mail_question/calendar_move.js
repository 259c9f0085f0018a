import { AttendeeCalendarModel } from "@calendar/views/attendee_calendar/attendee_calendar_model";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { CalendarModel } from "@web/views/calendar/calendar_model";
import { agreesToMails, EVENT } from "./mail_question";

patch(CalendarModel.prototype, {
    /**
     * Name the people whom Outlook mails before an event is moved or resized.
     *
     * Here, the question about the events of a series has been answered already.
     */
    async updateRecord(record, options = {}) {
        if (this instanceof AttendeeCalendarModel && this.meta.resModel === EVENT) {
            const values = this.buildRawRecord(record, options);
            const mails = await this.orm.call(EVENT, "ms365_mails_of_move", [
                [record.id],
                values,
            ]);
            if (!(await agreesToMails(this.dialog, mails, _t("Move and mail")))) {
                return this.notify(); // which puts it back
            }
        }
        return super.updateRecord(...arguments);
    },
});
