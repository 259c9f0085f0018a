import { CaledarListController } from "@calendar/views/list_view/calendar_list_controller";
import { CalendarFormController } from "@calendar/views/calendar_form/calendar_form_controller";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { agreesToMails, mailQuestion, mailsOfArchiving } from "./mail_question";

/** The words of the dialog before archiving; none if nobody is mailed. */
async function archiveQuestion(orm, ids) {
    const mails = await mailsOfArchiving(orm, ids, false);
    return mails ? mailQuestion(mails, _t("Archive and mail")) : {};
}

/** Ask before events are brought back, if people are mailed. */
async function agreesToBringBack({ orm, dialogService }, ids) {
    const mails = await mailsOfArchiving(orm, ids, true);
    return agreesToMails(dialogService, mails, _t("Bring back and mail"));
}

/** Name the people whom Outlook mails before selected events are archived. */
patch(CaledarListController.prototype, {
    getStaticActionMenuItems() {
        const items = super.getStaticActionMenuItems();
        const list = () => this.model.root;
        items.archive.callback = async () => {
            const ids = await list().getResIds(true);
            const question = await archiveQuestion(this.orm, ids);
            list().toggleArchiveWithConfirmation(true, {
                ...this.archiveDialogProps,
                ...question,
            });
        };
        items.unarchive.callback = async () => {
            const ids = await list().getResIds(true);
            if (await agreesToBringBack(this, ids)) {
                list().toggleArchiveWithConfirmation(false);
            }
        };
        return items;
    },
});

/** Name them in the form, too. */
patch(CalendarFormController.prototype, {
    getStaticActionMenuItems() {
        const items = super.getStaticActionMenuItems();
        const { root } = this.model;
        items.archive.callback = async () => {
            const question = await archiveQuestion(this.orm, [root.resId]);
            this.dialogService.add(ConfirmationDialog, {
                ...this.archiveDialogProps,
                ...question,
            });
        };
        items.unarchive.callback = async () => {
            if (await agreesToBringBack(this, [root.resId])) {
                await this.model.root.unarchive();
            }
        };
        return items;
    },
});
