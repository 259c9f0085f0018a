import { QUICK_CREATE_CALENDAR_EVENT_FIELDS } from "@calendar/views/calendar_form/calendar_quick_create";

// "More Options" takes the Teams switch along to the full form.
QUICK_CREATE_CALENDAR_EVENT_FIELDS.is_teams_meeting = { type: "boolean" };
