import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/** Sent by the server when a change of the settings waits for this user. */
export const CHANGE_WAITS = "praetorx_ms365/change_waits";

const PREVIEW = "praetorx.ms365.preview";
/** A banner in *My Connection* stays; this message goes by itself. */
const CLOSE_AFTER_MS = 15000;

/** Tells the owner, on whatever screen, and leads to the preview. */
export const changeWaitsService = {
    dependencies: ["bus_service", "notification", "action"],

    start(env, { bus_service: bus, notification, action }) {
        function showPreview(id) {
            action.doAction({
                type: "ir.actions.act_window",
                name: _t("What will happen"),
                res_model: PREVIEW,
                res_id: id,
                views: [[false, "form"]],
            });
        }

        bus.subscribe(CHANGE_WAITS, ({ id }) => {
            if (action.currentController?.props?.resModel === PREVIEW) {
                return; // the person is looking at it
            }
            const close = notification.add(
                _t("Your change waits. See first what it does."),
                {
                    type: "warning",
                    autocloseDelay: CLOSE_AFTER_MS,
                    buttons: [
                        {
                            name: _t("Show"),
                            primary: true,
                            onClick: () => {
                                close();
                                showPreview(id);
                            },
                        },
                    ],
                },
            );
        });
        bus.start();
    },
};

registry.category("services").add("praetorx_ms365.change_waits", changeWaitsService);
