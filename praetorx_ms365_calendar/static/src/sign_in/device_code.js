import { Component, onMounted, onWillUnmount, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { CopyButton } from "@web/core/copy_button/copy_button";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { whenConnected } from "../when_connected";

const MODEL = "praetorx.ms365.sign.in";
const MY_CONNECTION = "praetorx_ms365_calendar.praetorx_ms365_account_action_mine";
/** After a lost connection to Odoo, the next try comes after so many seconds. */
const TRY_AGAIN_SECONDS = 10;

/** The code to enter at Microsoft, with its countdown. It polls while it is open. */
export class DeviceCode extends Component {
    static template = "praetorx_ms365_calendar.DeviceCode";
    static components = { CopyButton };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.code = useState({ state: "loading", secondsLeft: 0 });
        this.isOpen = true;
        onMounted(() => {
            this.ticking = browser.setInterval(() => this.tick(), 1000);
            this.begin();
        });
        onWillUnmount(() => {
            this.isOpen = false;
            browser.clearInterval(this.ticking);
            browser.clearTimeout(this.polling);
        });
    }

    get countdown() {
        const seconds = this.code.secondsLeft;
        const rest = String(seconds % 60).padStart(2, "0");
        return `${Math.floor(seconds / 60)}:${rest}`;
    }

    get copyText() {
        return _t("Copy");
    }

    get copied() {
        return _t("Copied");
    }

    tick() {
        if (this.code.state === "waiting") {
            const left = Math.ceil((this.endsAt - Date.now()) / 1000);
            this.code.secondsLeft = Math.max(left, 0);
        }
    }

    async begin() {
        this.code.state = "loading";
        try {
            this.show(await this.orm.call(MODEL, "begin_by_code", []));
        } catch (error) {
            this.show({ state: "over", message: error.data?.message || "" });
        }
    }

    async poll() {
        const response = await whenConnected(
            this.orm.silent.call(MODEL, "poll_code", []),
        );
        if (response) {
            this.show(response);
        } else {
            this.pollIn(TRY_AGAIN_SECONDS);
        }
    }

    pollIn(seconds) {
        if (this.isOpen) {
            this.polling = browser.setTimeout(() => this.poll(), seconds * 1000);
        }
    }

    /** Show the response of the server, and ask it again if the person is not done. */
    show(response) {
        if (!this.isOpen) {
            return;
        }
        if (response.state === "waiting") {
            this.endsAt = Date.now() + response.seconds_left * 1000;
            Object.assign(this.code, {
                state: "waiting",
                userCode: response.user_code,
                page: response.page,
                secondsLeft: response.seconds_left,
            });
            this.pollIn(response.poll_in);
        } else if (response.state === "over") {
            Object.assign(this.code, { state: "over", message: response.message });
        } else {
            this.action.doAction(MY_CONNECTION, { clearBreadcrumbs: true });
        }
    }

    async cancel() {
        browser.clearTimeout(this.polling);
        await this.orm.call(MODEL, "cancel_code", []);
        await this.action.doAction(MY_CONNECTION, { clearBreadcrumbs: true });
    }
}

registry.category("actions").add("praetorx_ms365_calendar.device_code", DeviceCode);
