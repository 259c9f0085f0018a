import { registry } from "@web/core/registry";

const event = (name) => `.fc-event:contains(${name})`;
const openForm = (name) => [
    { content: `open ${name}`, trigger: event(name), run: "click" },
    {
        content: "go to the full form",
        trigger: ".o_cw_popover .btn:contains(Edit)",
        run: "click",
    },
    { content: "the form is there", trigger: `.o_form_view .o_ms365_bar` },
];
const back = [
    {
        content: "back to the calendar",
        trigger: ".o_back_button, .breadcrumb-item a:contains(Meetings)",
        run: "click",
    },
];

registry.category("web_tour.tours").add("praetorx_ms365_event_screens", {
    url: "/odoo/calendar",
    steps: () => [
        {
            content: "the button says that the calendar is connected",
            trigger: ".o_ms365_status:contains(Outlook)",
        },
        ...openForm("Synced meeting"),
        { trigger: ".o_ms365_bar .badge:contains(In sync)" },
        {
            content: "the Teams meeting can be joined",
            trigger:
                ".o_ms365_join a[href='https://teams.example.com/join'][target='_blank']",
        },
        {
            content: "and no longer taken off",
            trigger: "div[name='is_teams_meeting'] input:disabled",
        },
        {
            trigger:
                "a[href='https://outlook.example.com/item']:contains(Open in Outlook)",
        },
        { trigger: ".o_form_view:not(:has(.o_ms365_conflict, .o_ms365_error))" },
        ...back,
        ...openForm("Refused meeting"),
        {
            trigger:
                ".o_ms365_error:contains(Outlook does not accept the event as it is)",
        },
        {
            content: "try again",
            trigger: ".o_ms365_error button[name='action_ms365_retry']",
            run: "click",
        },
        { trigger: ".o_ms365_bar .badge:contains(On its way)" },
        { trigger: ".o_form_view:not(:has(.o_ms365_error))" },
        ...back,
        ...openForm("Disputed meeting"),
        { trigger: ".o_ms365_conflict" },
        {
            content: "compare both versions",
            trigger: ".o_ms365_conflict button[name='action_ms365_decide']",
            run: "click",
        },
        {
            content: "nothing can be applied before something is chosen",
            trigger: ".modal .o_ms365_choice:contains(Subject)",
        },
        { trigger: ".modal:not(:has(button[name='action_apply']))" },
        {
            content: "what has changed is marked",
            trigger: ".modal [data-side='outlook'] ins:contains(Outlook)",
        },
        {
            content: "choose Odoo's version",
            trigger: ".modal [data-side='odoo'] input",
            run: "click",
        },
        {
            content: "say what it means before it is done",
            trigger: ".modal .o_ms365_mails:contains(mails nobody)",
        },
        {
            content: "apply",
            trigger: ".modal button[name='action_apply']",
            run: "click",
        },
        {
            content: "the dialog is gone, and the conflict with it",
            trigger: "body:not(:has(.modal)) .o_form_view:not(:has(.o_ms365_conflict))",
        },
    ],
});
