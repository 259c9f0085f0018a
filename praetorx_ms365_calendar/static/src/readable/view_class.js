import { patch } from "@web/core/utils/patch";
import { View } from "@web/views/view";

patch(View.prototype, {
    /** Mark the views of our models: style sheets and tests know them by this class. */
    async loadView(props) {
        if (props.resModel?.startsWith("praetorx.")) {
            const className = `${props.className || ""} o_ms365`;
            return super.loadView({ ...props, className });
        }
        return super.loadView(...arguments);
    },
});
