import { onWillDestroy } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { useService } from "@web/core/utils/hooks";

/** What the sync changes in one go is shown in one go. */
export const SETTLE_MS = 300;
/** How soon to look again whether the person has let go. */
export const BUSY_MS = 500;

/**
 * Call ``refresh`` once after notifications of a type, when nobody is in the middle of
 * something: no dialog or popover is open, nothing is being dragged or loaded.
 *
 * @param {string} notificationType of Odoo's bus
 * @param {() => boolean} isBusy
 * @param {() => Promise} refresh
 */
export function useRefreshWhenFree(notificationType, isBusy, refresh) {
    const bus = useService("bus_service");
    const ui = useService("ui");
    let timer;

    function schedule(delay) {
        browser.clearTimeout(timer);
        timer = browser.setTimeout(attempt, delay);
    }

    function attempt() {
        if (ui.activeElement !== document || isBusy()) {
            schedule(BUSY_MS);
        } else {
            refresh();
        }
    }

    const onNotification = () => schedule(SETTLE_MS);

    bus.subscribe(notificationType, onNotification);
    // Not when it is unmounted: a component may be destroyed before it was mounted.
    onWillDestroy(() => {
        bus.unsubscribe(notificationType, onNotification);
        browser.clearTimeout(timer);
    });
}
