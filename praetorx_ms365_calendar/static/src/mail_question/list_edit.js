import { CaledarListController } from "@calendar/views/list_view/calendar_list_controller";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { agreesToMails, EVENT, mailsOfArchiving } from "./mail_question";

/** Name the people whom Outlook mails before selected events are edited or deleted. */
patch(CaledarListController.prototype, {
    async onAskMultiSaveConfirmation(_changes, records) {
        if (!(await super.onAskMultiSaveConfirmation(...arguments))) {
            return false;
        }
        const values = Object.fromEntries(
            records.map((record) => [record.resId, record._getChanges()]),
        );
        const mails = await this.orm.call(EVENT, "ms365_mails_of_edits", [values]);
        return agreesToMails(this.dialogService, mails, _t("Save and mail"));
    },

    async onDeleteSelectedRecords() {
        const ids = await this.model.root.getResIds(true);
        const mails = await mailsOfArchiving(this.orm, ids, false);
        if (await agreesToMails(this.dialogService, mails, _t("Delete and mail"))) {
            await super.onDeleteSelectedRecords(...arguments);
        }
    },
});
