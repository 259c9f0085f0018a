import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { MARKS } from "./marks";

/** The mark of an event as a badge: icon and words, and a sentence on hover. */
export class MarkField extends Component {
    static template = "praetorx_ms365_calendar.MarkField";
    static props = { ...standardFieldProps };

    get value() {
        return this.props.record.data[this.props.name];
    }

    get mark() {
        return MARKS[this.value];
    }

    get label() {
        const { selection } = this.props.record.fields[this.props.name];
        return selection.find(([value]) => value === this.value)?.[1];
    }
}

registry.category("fields").add("ms365_mark", {
    component: MarkField,
    supportedTypes: ["selection"],
});
