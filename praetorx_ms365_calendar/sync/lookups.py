"""Records that content refers to by words: people, tags, reminders. Read in bulk."""

from odoo.tools import SQL

from ..engine.mapping.responses import STATE_OF_ANSWER


class Lookups:
    """Finds or makes partners, tags and alarms for many events with few queries.

    :param env: with the rights of the sync
    :param contents: every content that will be written
    :param organizers: organizers who are not the owner of the mailbox
    :param company: whose people are used: those of other companies are not visible to
        the owner of the mailbox
    """

    def __init__(self, env, contents, *, company, organizers=()):
        self.env = env
        self.company = company
        contents = list(contents)
        organizers = [organizer for organizer in organizers if organizer]
        self._users = self._find_users({person.email for person in organizers})
        self._partners = self._find_partners(
            {
                person.email: person.name
                for person in [*organizers, *(a for c in contents for a in c.attendees)]
            }
        )
        self._tags = self._find_tags({t for c in contents for t in c.categories})
        self._alarms = self._find_alarms(
            {c.reminder for c in contents if c.reminder is not None}
        )
        self._email_of = {p: email for email, p in self._partners.items()}

    def user(self, person):
        """Return the internal user with this address, empty if there is none."""
        return self._users.get(person.email if person else "", self.env["res.users"])

    def partners(self, attendees):
        """Return the partner ids of attendees, each once, in their order.

        Those for whom no contact may be made are left out.
        """
        ids = [self._partners.get(attendee.email) for attendee in attendees]
        return list(dict.fromkeys(filter(None, ids)))

    def without_contact(self, attendees):
        """Return how many of the attendees are not in Odoo's list."""
        return len([a for a in attendees if a.email not in self._partners])

    def partner(self, person):
        """Return the partner id of one more person, None if no contact may be made."""
        if person.email not in self._partners:
            found = self._find_partners({person.email: person.name})
            self._partners |= found
            self._email_of |= {partner_id: email for email, partner_id in found.items()}
        return self._partners.get(person.email)

    def tags(self, names):
        """Return the tag ids of category names."""
        return [self._tags[name] for name in names]

    def alarm(self, minutes):
        """Return the id of the pop-up reminder so many minutes before the start."""
        return self._alarms[minutes]

    def state_of(self, partner_id, answers):
        """Return the attendee state that Graph's answers tell."""
        answer = answers.get(self._email_of.get(partner_id, ""), "")
        return STATE_OF_ANSWER.get(answer, "needsAction")

    def _find_users(self, addresses):
        """The owner of a synced mailbox comes before whoever has the mail address."""
        if not addresses:
            return {}
        Account = self.env["praetorx.ms365.account"]
        users = self.env["res.users"].search(
            [("email_normalized", "in", list(addresses)), ("share", "=", False)],
            order="id desc",
        )
        found = {user.email_normalized: user for user in users}
        for address, account_id in Account._organizer_addresses().items():
            if address in addresses:
                found[address] = Account.browse(account_id).user_id
        return found

    def _find_partners(self, names):
        """People already known are used; a user's own partner comes first.

        The address of a synced mailbox is its user, whatever the user's mail address.
        """
        if not names:
            return {}
        Account = self.env["praetorx.ms365.account"]
        mailboxes = Account._organizer_addresses()
        found = {
            email: Account.browse(mailboxes[email]).user_id.partner_id.id
            for email in names
            if email in mailboxes
        }
        Partner = self.env["res.partner"].with_context(active_test=False)
        known = Partner.search(
            [
                ("email_normalized", "in", list(names)),
                ("company_id", "in", [False, self.company.id]),
            ],
            order="active desc, id",
        )
        for partner in known.sorted(lambda p: (not p.active, not p.user_ids)):
            found.setdefault(partner.email_normalized, partner.id)
        missing = self._allowed([email for email in names if email not in found])
        made = Partner.create(
            [{"name": names[email] or email, "email": email} for email in missing]
        )
        found.update(zip(missing, made.ids, strict=True))
        return found

    def _allowed(self, addresses):
        """Return those addresses for which the company wants contacts to be made."""
        match self.company.ms365_contact_policy:
            case "never":
                return []
            case "known":
                domains = self._known_domains({_domain(one) for one in addresses})
                return [one for one in addresses if _domain(one) in domains]
            case _:
                return addresses

    def _known_domains(self, domains):
        """Return those mail domains that a user or contact of the company has."""
        self.env["res.partner"].flush_model(["email_normalized", "company_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT split_part(email_normalized, '@', 2)
                  FROM res_partner
                 WHERE active
                   AND split_part(email_normalized, '@', 2) = ANY(%s)
                   AND (company_id IS NULL OR company_id = %s)
                """,
                list(domains),
                self.company.id,
            )
        )
        return {domain for [domain] in rows}

    def _find_tags(self, names):
        Tag = self.env["calendar.event.type"]
        found = {tag.name: tag.id for tag in Tag.search([("name", "in", list(names))])}
        missing = sorted(names - found.keys())
        made = Tag.create([{"name": name} for name in missing])
        return found | dict(zip(missing, made.ids, strict=True))

    def _find_alarms(self, minutes):
        Alarm = self.env["calendar.alarm"]
        found = {}
        known = Alarm.search(
            [
                ("alarm_type", "=", "notification"),
                ("duration_minutes", "in", list(minutes)),
            ],
            order="id desc",
        )
        for alarm in known:
            found[alarm.duration_minutes] = alarm.id
        missing = sorted(minutes - found.keys())
        made = Alarm.create([self._alarm_vals(count) for count in missing])
        return found | dict(zip(missing, made.ids, strict=True))

    def _alarm_vals(self, minutes):
        for interval, length in (("days", 1440), ("hours", 60), ("minutes", 1)):
            if minutes % length == 0 and (minutes or interval == "minutes"):
                break
        duration = minutes // length
        units = dict(
            self.env["calendar.alarm"]
            ._fields["interval"]
            ._description_selection(self.env)
        )
        return {
            "alarm_type": "notification",
            "interval": interval,
            "duration": duration,
            "name": self.env._(
                "Notification - %(duration)s %(unit)s",
                duration=duration,
                unit=units[interval],
            ),
        }


def _domain(address):
    """Return the domain of a normalized mail address."""
    return address.rpartition("@")[2]
