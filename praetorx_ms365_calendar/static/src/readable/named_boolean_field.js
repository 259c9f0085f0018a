import { registry } from "@web/core/registry";
import { BooleanField, booleanField } from "@web/views/fields/boolean/boolean_field";

/** A box in a row. Its name for screen readers is its column with the name of the row. */
export class NamedBooleanField extends BooleanField {
    static template = "praetorx_ms365_calendar.NamedBooleanField";

    get label() {
        const { data, fields } = this.props.record;
        return `${fields[this.props.name].string}: ${data.display_name}`;
    }
}

registry
    .category("fields")
    .add("ms365_named_boolean", { ...booleanField, component: NamedBooleanField });
