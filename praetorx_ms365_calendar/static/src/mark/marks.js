import { _t } from "@web/core/l10n/translation";

/**
 * How the marks of an event look: the icon, the color of its badge, and the words that
 * are shown on hover and read aloud. An event that is in sync needs no sign.
 */
export const MARKS = {
    pending: {
        icon: "fa-clock-o",
        color: "info",
        words: _t("On its way to Outlook."),
    },
    waiting: {
        icon: "fa-hourglass-half",
        color: "info",
        words: _t("Not in Outlook yet: the organizer has to send it."),
    },
    approval: {
        icon: "fa-hand-paper-o",
        color: "warning",
        words: _t("A change waits for the organizer's approval."),
    },
    held: {
        icon: "fa-pause-circle",
        color: "warning",
        words: _t("No longer in Outlook. Decide if it is deleted in Odoo, too."),
    },
    deleted: {
        icon: "fa-trash-o",
        color: "secondary",
        words: _t("It was deleted in Outlook, so the sync has archived it."),
    },
    conflict: {
        icon: "fa-random",
        color: "warning",
        words: _t("Conflict: it was changed in Odoo and in Outlook. Choose a version."),
    },
    error: {
        icon: "fa-exclamation-triangle",
        color: "danger",
        words: _t("Failed: Odoo and Outlook differ. Open the event to see why."),
    },
    synced: { color: "success", words: _t("Odoo and Outlook are the same.") },
};

/** Return how a mark is shown on an event of the calendar, if it needs a sign. */
export function signOf(mark) {
    return MARKS[mark]?.icon ? { name: mark, ...MARKS[mark] } : null;
}
