"use strict";
// The page acts through the control API, as people do in Outlook: no Graph request is
// logged for what happens here.

const $ = (id) => document.getElementById(id);
const DAY = 86400000;
const SHOWN_DAYS = 28;
const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
const WEEKDAYS = [
    "sunday",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
];
const INDEXES = ["first", "second", "third", "fourth", "last"];
const state = {
    mailbox: null,
    mailboxes: [],
    from: null,
    tab: "calendar",
    event: null,
    seen: "",
};

async function call(method, path, body) {
    const options = { method };
    if (body !== undefined) {
        options.body = JSON.stringify(body);
        options.headers = { "Content-Type": "application/json" };
    }
    const answer = await fetch("/_sim" + path, options);
    const result = await answer.json();
    if (!answer.ok) {
        throw new Error(result.error || answer.status);
    }
    return result;
}
const box = () => "/mailboxes/" + encodeURIComponent(state.mailbox.upn);
const eventPath = (id) => box() + "/outlook/events/" + encodeURIComponent(id);

function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (name === "class") {
            made.className = value;
        } else if (name.startsWith("on")) {
            made.addEventListener(name.slice(2), value);
        } else {
            made.setAttribute(name, value);
        }
    }
    made.append(...children.filter((child) => child !== null && child !== undefined));
    return made;
}

// -- times ----------------------------------------------------------------------------

const two = (number) => String(number).padStart(2, "0");
const dayText = (date) =>
    `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
const clockText = (date) => `${two(date.getHours())}:${two(date.getMinutes())}`;
const inputText = (date) => `${dayText(date)}T${clockText(date)}`;
const localDay = (text) => new Date(`${text.slice(0, 10)}T00:00`);
function moments(event) {
    const read = (value) =>
        event.isAllDay
            ? localDay(value.dateTime)
            : new Date(value.dateTime.slice(0, 19) + "Z");
    return [read(event.start), read(event.end)];
}
function monday(date) {
    const back = (date.getDay() + 6) % 7;
    return new Date(date.getFullYear(), date.getMonth(), date.getDate() - back);
}

// -- lists ----------------------------------------------------------------------------

async function loadMailboxes() {
    state.mailboxes = (await call("GET", "/mailboxes")).value;
    const names = state.mailboxes.map((one) => one.upn);
    if (!state.mailbox || !names.includes(state.mailbox.upn)) {
        const wanted = decodeURIComponent(location.hash.slice(1));
        state.mailbox =
            state.mailboxes.find((one) => one.upn === wanted) ||
            state.mailboxes[0] ||
            null;
    }
    $("mailboxes").replaceChildren(
        ...state.mailboxes.map((one) =>
            element(
                "li",
                {},
                element(
                    "button",
                    {
                        class:
                            state.mailbox && one.upn === state.mailbox.upn
                                ? "active"
                                : "",
                        onclick: () => {
                            state.mailbox = one;
                            location.hash = encodeURIComponent(one.upn);
                            refresh(true);
                        },
                    },
                    element("b", {}, one.display_name),
                    element("span", {}, one.upn),
                    element(
                        "span",
                        {},
                        one.event_count === 1 ? "1 event" : `${one.event_count} events`,
                    ),
                ),
            ),
        ),
    );
    $("people").replaceChildren(
        ...names.map((name) => element("option", { value: name })),
    );
}

function readable(event) {
    try {
        return !moments(event).some((moment) => isNaN(moment));
    } catch {
        return false;
    }
}

async function loadEvents() {
    const from = state.from;
    const to = new Date(from.getTime() + SHOWN_DAYS * DAY);
    $("period").textContent =
        `${from.toLocaleDateString()} – ${new Date(to - DAY).toLocaleDateString()}`;
    if (!state.mailbox) {
        $("events").replaceChildren(
            element("p", { class: "empty" }, "There is no mailbox yet."),
        );
        return;
    }
    const window = `start=${from.toISOString()}&end=${to.toISOString()}`;
    const found = (await call("GET", `${box()}/outlook/view?${window}`)).value;
    const days = new Map();
    const strange = found.filter((event) => !readable(event));
    const known = found.filter(readable).sort((a, b) => moments(a)[0] - moments(b)[0]);
    for (const event of known) {
        const key = dayText(moments(event)[0]);
        days.set(key, [...(days.get(key) || []), event]);
    }
    const parts = [...days].map(([day, events]) => {
        const title = localDay(day).toLocaleDateString(undefined, {
            weekday: "long",
            day: "numeric",
            month: "long",
        });
        const isToday = day === dayText(new Date());
        return element(
            "div",
            { class: isToday ? "day now" : "day" },
            element("h3", {}, isToday ? `Today, ${title}` : title),
            ...events.map(eventRow),
        );
    });
    if (strange.length) {
        parts.push(
            element(
                "div",
                { class: "day" },
                element("h3", {}, "Malformed"),
                ...strange.map(eventRow),
            ),
        );
    }
    $("events").replaceChildren(
        ...(parts.length
            ? parts
            : [element("p", { class: "empty" }, "No events in these weeks.")]),
    );
}

function eventRow(event) {
    const isKnown = readable(event);
    const when = !isKnown
        ? "?"
        : event.isAllDay
          ? "All day"
          : moments(event).map(clockText).join(" – ");
    const people = (event.attendees || [])
        .map((one) => one.emailAddress.name)
        .join(", ");
    const place = event.location && event.location.displayName;
    const tags = [
        ["occurrence", "exception"].includes(event.type)
            ? event.type === "exception"
                ? "changed date"
                : "series"
            : null,
        event.isOnlineMeeting ? "Teams" : null,
        event.isOrganizer === false ? event.responseStatus.response : null,
        ...(event.categories || []),
    ].filter(Boolean);
    const classes = ["event", event.showAs || "", event.isCancelled ? "cancelled" : ""];
    return element(
        "button",
        { class: classes.join(" "), onclick: () => openDialog(event) },
        element("span", { class: "when" }, when),
        element(
            "span",
            {},
            element("b", {}, event.subject || "(no subject)"),
            element("small", {}, [place, people].filter(Boolean).join(" · ")),
        ),
        element(
            "span",
            { class: "tags" },
            ...tags.map((tag) => element("span", { class: "tag" }, tag)),
        ),
    );
}

async function loadMails() {
    const mails = (await call("GET", "/mails")).value;
    $("mail-rows").replaceChildren(
        ...mails
            .slice(-300)
            .reverse()
            .map((mail) =>
                element(
                    "tr",
                    {},
                    ...[
                        mail.time.slice(11, 19),
                        mail.response || mail.kind,
                        mail.from,
                        mail.to,
                        mail.subject,
                        mail.cause_source,
                    ].map((text) => element("td", {}, text)),
                ),
            ),
    );
}

async function loadRequests() {
    const entries = (await call("GET", "/requests?limit=200")).value;
    $("request-rows").replaceChildren(
        ...entries.reverse().map((entry) => {
            const path = entry.path + (entry.query ? "?" + entry.query : "");
            const status = entry.status || "none";
            return element(
                "tr",
                {},
                element("td", {}, entry.time.slice(11, 19)),
                element("td", {}, entry.mailbox || ""),
                element(
                    "td",
                    { class: "path", title: path },
                    `${entry.part_id ? "↳ " : ""}${entry.method} ${path}`,
                ),
                element(
                    "td",
                    { class: entry.status >= 400 || !entry.status ? "bad" : "good" },
                    `${status}${entry.fault ? " · " + entry.fault : ""}`,
                ),
                element("td", {}, String(Math.round(entry.duration * 1000))),
                element("td", {}, entry.body_keys.join(", ")),
            );
        }),
    );
}

async function refresh(force = false) {
    const [health, counters] = await Promise.all([
        call("GET", "/health"),
        call("GET", "/counters"),
    ]);
    $("clock").textContent = health.now.slice(0, 19).replace("T", " ") + " UTC";
    $("mail-count").textContent = counters.mails;
    $("request-count").textContent = counters.total;
    if ($("dialog").open) {
        return;
    }
    await loadMailboxes();
    if (force || state.tab === "calendar") {
        await loadEvents();
    }
    if (state.tab === "mails") {
        await loadMails();
    }
    if (state.tab === "requests") {
        await loadRequests();
    }
}

// -- the dialog -------------------------------------------------------------------------

const field = (name) => $("form").elements[name];

function safeBody(content) {
    const page = new DOMParser().parseFromString(content || "", "text/html");
    for (const node of page.querySelectorAll(
        "script, style, iframe, object, embed, link, form",
    )) {
        node.remove();
    }
    for (const node of page.body.querySelectorAll("*")) {
        for (const { name, value } of [...node.attributes]) {
            if (name.startsWith("on") || /^\s*javascript:/i.test(value)) {
                node.removeAttribute(name);
            }
        }
    }
    return page.body.innerHTML;
}

function fill(event) {
    const start = new Date(Math.ceil(Date.now() / 1800000) * 1800000);
    let [from, to] = [start, new Date(start.getTime() + 1800000)];
    if (event && readable(event)) {
        [from, to] = moments(event);
    }
    field("allDay").checked = Boolean(event && event.isAllDay);
    showTimes(from, event && event.isAllDay ? new Date(to - DAY) : to);
    field("subject").value = event ? event.subject || "" : "";
    field("location").value =
        (event && event.location && event.location.displayName) || "";
    field("attendees").value = ((event && event.attendees) || [])
        .map((one) => one.emailAddress.address)
        .join(", ");
    field("showAs").value = (event && event.showAs) || "busy";
    field("sensitivity").value = (event && event.sensitivity) || "normal";
    const minutes = event
        ? event.isReminderOn
            ? String(event.reminderMinutesBeforeStart)
            : ""
        : "15";
    if (![...field("reminder").options].some((option) => option.value === minutes)) {
        field("reminder").add(new Option(`${minutes} minutes`, minutes));
    }
    field("reminder").value = minutes;
    field("categories").value = ((event && event.categories) || []).join(", ");
    field("teams").checked = Boolean(event && event.isOnlineMeeting);
    field("teams").disabled = Boolean(event && event.isOnlineMeeting);
    field("repeat").value = event && event.recurrence ? "keep" : "";
    field("count").value = "";
    $("repeat").hidden = Boolean(
        event && ["occurrence", "exception"].includes(event.type),
    );
    $("body").innerHTML = safeBody(event && event.body && event.body.content);
    state.bodyBefore = $("body").innerHTML;
    const meeting = event && event.onlineMeeting;
    $("join").hidden = !meeting;
    if (meeting) {
        $("join").href = meeting.joinUrl;
    }
    const answers = ((event && event.attendees) || []).map(
        (one) => `${one.emailAddress.name}: ${one.status.response}`,
    );
    $("answers").textContent =
        event && event.isOrganizer !== false ? answers.join(" · ") : "";
    state.before = values();
}

function showTimes(from, to) {
    const kind = field("allDay").checked ? "date" : "datetime-local";
    for (const [name, moment] of [
        ["start", from],
        ["end", to],
    ]) {
        field(name).type = kind;
        field(name).value = kind === "date" ? dayText(moment) : inputText(moment);
    }
}

async function openDialog(event) {
    state.event = event;
    const isPart = Boolean(event && event.seriesMasterId);
    $("scope").hidden = !isPart;
    field("scope").value = "occurrence";
    $("dialog-title").textContent = event
        ? "Event"
        : `New event of ${state.mailbox.display_name}`;
    const isGuest = Boolean(event && event.isOrganizer === false);
    $("dialog-note").hidden = !isGuest;
    if (isGuest) {
        $("dialog-note").textContent =
            `${event.organizer.emailAddress.name} organizes this. Changes stay in this copy.`;
    }
    $("respond").hidden = !isGuest || event.isCancelled;
    $("delete").hidden = !event;
    $("problem").hidden = true;
    fill(event);
    $("dialog").showModal();
}

function values() {
    const allDay = field("allDay").checked;
    const list = (text) =>
        text
            .split(",")
            .map((part) => part.trim())
            .filter(Boolean);
    const moment = (name) => {
        if (!allDay) {
            return { dateTime: field(name).value + ":00", timeZone: ZONE };
        }
        let day = localDay(field(name).value);
        if (name === "end") {
            day = new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1);
        }
        return { dateTime: dayText(day) + "T00:00:00", timeZone: ZONE };
    };
    const found = {
        subject: field("subject").value,
        start: moment("start"),
        end: moment("end"),
        isAllDay: allDay,
        location: { displayName: field("location").value },
        attendees: list(field("attendees").value).map((address) => ({
            type: "required",
            emailAddress: { address },
        })),
        showAs: field("showAs").value,
        sensitivity: field("sensitivity").value,
        isReminderOn: field("reminder").value !== "",
        categories: list(field("categories").value),
    };
    if (found.isReminderOn) {
        found.reminderMinutesBeforeStart = Number(field("reminder").value);
    }
    if (field("teams").checked) {
        found.isOnlineMeeting = true;
    }
    if (field("teams").checked) {
        found.onlineMeetingProvider = "teamsForBusiness";
    }
    if (field("repeat").value !== "keep") {
        found.recurrence = recurrence(localDay(field("start").value));
    }
    const body = $("body").innerHTML;
    if (body !== state.bodyBefore) {
        found.body = { contentType: "html", content: body };
    }
    return found;
}

function recurrence(day) {
    const type = field("repeat").value;
    if (!type) {
        return null;
    }
    const pattern = { type, interval: 1 };
    if (type === "weekly" || type === "relativeMonthly") {
        pattern.daysOfWeek = [WEEKDAYS[day.getDay()]];
    }
    if (type === "relativeMonthly") {
        pattern.index = INDEXES[Math.floor((day.getDate() - 1) / 7)];
    }
    if (type.startsWith("absolute")) {
        pattern.dayOfMonth = day.getDate();
    }
    if (type === "absoluteYearly") {
        pattern.month = day.getMonth() + 1;
    }
    const count = Number(field("count").value);
    const range = { type: count ? "numbered" : "noEnd", startDate: dayText(day) };
    if (count) {
        range.numberOfOccurrences = count;
    }
    return { pattern, range };
}

function target() {
    const wantsSeries = !$("scope").hidden && field("scope").value === "series";
    return wantsSeries ? state.event.seriesMasterId : state.event.id;
}

async function save() {
    const now = values();
    if (!state.event) {
        if (!now.recurrence) {
            delete now.recurrence;
        }
        await call("POST", box() + "/outlook/events", now);
        return;
    }
    // As Outlook does, send what has changed and nothing else.
    const changed = Object.fromEntries(
        Object.entries(now).filter(
            ([name, value]) =>
                JSON.stringify(value) !== JSON.stringify(state.before[name]),
        ),
    );
    if (changed.recurrence === null && !state.event.recurrence) {
        delete changed.recurrence;
    }
    if (changed.start || changed.end || "isAllDay" in changed) {
        changed.start = now.start;
        changed.end = now.end;
    }
    if (Object.keys(changed).length) {
        await call("PATCH", eventPath(target()), changed);
    }
}

async function attempt(action) {
    try {
        await action();
    } catch (error) {
        $("problem").textContent = error.message;
        $("problem").hidden = false;
        return;
    }
    $("dialog").close();
    await refresh(true);
}

$("form").addEventListener("submit", (event) => {
    if (event.submitter && event.submitter.value === "close") {
        return;
    }
    event.preventDefault();
    attempt(save);
});
$("delete").addEventListener("click", () =>
    attempt(() => call("DELETE", eventPath(target()))),
);
for (const button of document.querySelectorAll("[data-answer]")) {
    button.addEventListener("click", () =>
        attempt(() =>
            call("POST", box() + "/outlook/respond", {
                id: target(),
                response: button.dataset.answer,
            }),
        ),
    );
}
for (const radio of document.querySelectorAll("[name=scope]")) {
    radio.addEventListener("change", async () => {
        const isSeries = field("scope").value === "series";
        fill(
            isSeries
                ? await call("GET", eventPath(state.event.seriesMasterId))
                : state.event,
        );
    });
}
field("allDay").addEventListener("change", () => {
    const [from, to] = ["start", "end"].map(
        (name) => new Date(field(name).value.slice(0, 10) + "T09:00"),
    );
    showTimes(from, field("allDay").checked ? to : new Date(to.getTime() + 3600000));
});
$("dialog").addEventListener("close", () => refresh(true));

// -- the frame ----------------------------------------------------------------------------

for (const button of document.querySelectorAll("[data-tab]")) {
    button.addEventListener("click", () => {
        state.tab = button.dataset.tab;
        for (const other of document.querySelectorAll("[data-tab]")) {
            other.classList.toggle("active", other === button);
            $(other.dataset.tab).hidden = other !== button;
        }
        refresh(true);
    });
}
const shift = (days) => {
    state.from = days
        ? new Date(state.from.getTime() + days * DAY)
        : monday(new Date());
    refresh(true);
};
$("back").addEventListener("click", () => shift(-SHOWN_DAYS));
$("forward").addEventListener("click", () => shift(SHOWN_DAYS));
$("today").addEventListener("click", () => shift(0));
$("new").addEventListener("click", () => state.mailbox && openDialog(null));
state.from = monday(new Date());
refresh(true);
setInterval(
    () => document.visibilityState === "visible" && refresh().catch(() => {}),
    2000,
);
