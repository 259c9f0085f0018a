import { Component, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { X2ManyField, x2ManyField } from "@web/views/fields/x2many/x2many_field";

/**
 * The fields in conflict, one row each, with both versions to choose from. On a
 * narrow screen each row is a card.
 */
export class ConflictLinesField extends Component {
    static template = "praetorx_ms365_calendar.ConflictLinesField";
    static props = X2ManyField.props;

    setup() {
        // What was clicked shows at once; the form follows with the server's preview.
        this.clicked = useState({});
    }

    get lines() {
        return this.props.record.data[this.props.name].records;
    }

    get sides() {
        const { changed_in_odoo, changed_in_outlook } = this.props.record.data;
        return [
            { name: "odoo", changedAt: changed_in_odoo },
            { name: "outlook", changedAt: changed_in_outlook },
        ];
    }

    /** Rows whose contents the person may not know offer the choice alone. */
    get showsValues() {
        return this.props.record.data.may_compare;
    }

    choiceOf(line) {
        return this.clicked[line.id] || line.data.choice;
    }

    isAll(side) {
        return this.lines.every((line) => this.choiceOf(line) === side);
    }

    choose(line, side) {
        this.clicked[line.id] = side;
        return line.update({ choice: side });
    }

    chooseAll(side) {
        return Promise.all(this.lines.map((line) => this.choose(line, side)));
    }
}

registry.category("fields").add("ms365_conflict_lines", {
    ...x2ManyField,
    component: ConflictLinesField,
});
