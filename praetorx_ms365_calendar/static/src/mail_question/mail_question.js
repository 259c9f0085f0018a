import { markup } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";

/** The model of all events, on whatever screen. */
export const EVENT = "calendar.event";

/**
 * The properties of a dialog that names whom Outlook mails.
 *
 * @param {string} mails HTML of the server, which has escaped all names
 */
export function mailQuestion(mails, confirmLabel) {
    return {
        title: _t("Outlook will mail people"),
        body: markup(mails),
        confirmLabel,
        cancelLabel: _t("Cancel"),
    };
}

/** Ask before people are mailed; without mails, nothing is asked. */
export function agreesToMails(dialog, mails, confirmLabel) {
    if (!mails) {
        return Promise.resolve(true);
    }
    return new Promise((resolve) => {
        dialog.add(
            ConfirmationDialog,
            {
                ...mailQuestion(mails, confirmLabel),
                confirm: () => resolve(true),
                cancel: () => resolve(false),
            },
            { onClose: () => resolve(false) },
        );
    });
}

/** Ask the server whom Outlook mails if events are archived, or brought back. */
export function mailsOfArchiving(orm, ids, active) {
    return orm.call(EVENT, "ms365_mails_of_archiving", [ids], { active });
}
