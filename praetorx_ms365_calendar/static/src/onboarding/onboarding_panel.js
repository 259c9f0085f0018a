import { Component, onWillStart, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { KanbanRenderer } from "@web/views/kanban/kanban_renderer";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";

/** The steps of the set-up, above the accounts. Odoo decides who sees it. */
export class OnboardingPanel extends Component {
    static template = "praetorx_ms365_calendar.OnboardingPanel";
    static props = {};

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.state = useState({ panel: false });
        onWillStart(() => this.load());
    }

    async load() {
        this.state.panel =
            user.isSystem &&
            (await this.orm.call("onboarding.onboarding", "get_ms365_panel", []));
    }

    /** The first step that is not done. */
    get next() {
        return this.state.panel.steps.find((step) => !step.done);
    }

    async open(step) {
        const action = await this.orm.call(
            "onboarding.onboarding.step",
            step.method,
            [],
        );
        await this.action.doAction(action, { onClose: () => this.load() });
    }

    async close() {
        await this.orm.call("onboarding.onboarding", "action_close_panel_ms365", []);
        this.state.panel = false;
    }
}

class AccountListRenderer extends ListRenderer {
    static template = "praetorx_ms365_calendar.AccountListRenderer";
    static components = { ...ListRenderer.components, OnboardingPanel };
}

class AccountKanbanRenderer extends KanbanRenderer {
    static template = "praetorx_ms365_calendar.AccountKanbanRenderer";
    static components = { ...KanbanRenderer.components, OnboardingPanel };
}

const views = registry.category("views");
views.add("ms365_account_list", { ...listView, Renderer: AccountListRenderer });
views.add("ms365_account_kanban", { ...kanbanView, Renderer: AccountKanbanRenderer });

/** Opens the calendar with the dialog that connects it: the link of an invitation. */
async function connect(env) {
    const { action, orm } = env.services;
    await action.doAction("calendar.action_calendar_event", { clearBreadcrumbs: true });
    return orm.call("res.users", "action_ms365_accept_invitation", [user.userId]);
}

registry.category("actions").add("praetorx_ms365_connect", connect);
