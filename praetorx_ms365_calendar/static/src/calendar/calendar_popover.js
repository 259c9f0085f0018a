import { AttendeeCalendarCommonPopover } from "@calendar/views/attendee_calendar/common/attendee_calendar_common_popover";
import { patch } from "@web/core/utils/patch";

patch(AttendeeCalendarCommonPopover.prototype, {
    /** Name the people whom Outlook mails, in place of a question without them. */
    async onClickArchive() {
        const { record, model, close } = this.props;
        const action = await this.orm.call(
            "calendar.event",
            "action_ms365_ask_before_archiving",
            [[record.id]],
        );
        if (action) {
            close();
            await this.actionService.doAction(action, { onClose: () => model.load() });
        } else {
            await super.onClickArchive(...arguments);
        }
    },
});
