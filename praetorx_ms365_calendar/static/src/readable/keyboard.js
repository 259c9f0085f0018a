import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";

/** A button of ours. Odoo disables it while it works, which takes the focus away. */
const OURS =
    ".o_ms365 button, button[name^='action_ms365_'], button[class*='o_ms365_']";
/** Odoo keeps the keys of a card for the card, and its buttons do not get them. */
const IN_CARD = ".o_ms365 .o_kanban_record button";

/** When a dialog is closed, put the focus back on the button that has opened it. */
function returnFocus(ui) {
    const dialogs = new WeakSet();
    // The last one first. A dialog may have taken the place of another.
    let openers = [];
    let pressed = null;

    function focusAgain() {
        if (document.activeElement === document.body) {
            openers.find((opener) => opener.isConnected)?.focus();
        }
        if (ui.activeElement === document) {
            openers = [];
        }
    }

    document.addEventListener("focusin", ({ target }) => {
        const dialog = target.closest(".modal");
        // A field of a new dialog can have the focus before the dialog is announced.
        if (!dialog || dialogs.has(dialog)) {
            pressed = target.matches(OURS) ? target : null;
        }
    });
    ui.bus.addEventListener("active-element-changed", ({ detail: active }) => {
        if (active === document || dialogs.has(active)) {
            browser.setTimeout(focusAgain);
        } else {
            dialogs.add(active);
            openers = pressed ? [pressed, ...openers] : openers;
        }
    });
}

/** Let Enter and Space press the button of a card that has the focus. */
function pressButtonsOfCards() {
    const onKeydown = (event) => {
        const isPress = event.key === "Enter" || event.key === " ";
        if (isPress && event.target.matches?.(IN_CARD)) {
            event.preventDefault();
            event.stopPropagation();
            event.target.click();
        }
    };
    document.addEventListener("keydown", onKeydown, { capture: true });
}

export const keyboardService = {
    dependencies: ["ui"],
    start(_env, { ui }) {
        returnFocus(ui);
        pressButtonsOfCards();
    },
};

registry.category("services").add("ms365_keyboard", keyboardService);
