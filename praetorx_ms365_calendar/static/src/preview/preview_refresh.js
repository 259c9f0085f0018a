import { Component, status, useExternalListener, xml } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { useRefreshWhenFree } from "../calendar/use_refresh_when_free";
import { whenConnected } from "../when_connected";

/** Sent by the server when a preview of this user has more to show. */
export const PREVIEW_CHANGED = "praetorx_ms365/preview_changed";

/** A click or a key may still open a dialog, or change a field. */
const AFTER_INPUT_MS = 2000;

/** Shows the progress of a preview in its open form, without a reload by hand. */
export class PreviewRefresh extends Component {
    static template = xml`<t/>`;
    static props = { ...standardWidgetProps };

    setup() {
        let lastInput = 0;
        const onInput = () => {
            lastInput = Date.now();
        };
        useExternalListener(window, "pointerdown", onInput, { capture: true });
        useExternalListener(window, "keydown", onInput, { capture: true });
        useRefreshWhenFree(
            PREVIEW_CHANGED,
            // A dialog that opens during a refresh would change a row that is gone.
            () => this.props.record.dirty || Date.now() - lastInput < AFTER_INPUT_MS,
            () => this.refresh(),
        );
    }

    /** Show the new numbers, unless the form was left meanwhile. */
    async refresh() {
        try {
            await whenConnected(this.props.record.load());
        } catch (error) {
            if (status(this) !== "destroyed") {
                throw error;
            }
        }
    }
}

registry.category("view_widgets").add("ms365_preview_refresh", {
    component: PreviewRefresh,
});
