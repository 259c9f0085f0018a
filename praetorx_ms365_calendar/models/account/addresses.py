"""Mail addresses of the owner of a mailbox."""

from odoo import api, fields, models, tools
from odoo.fields import Domain

from ...engine.addresses import addresses_of_mailbox


class PraetorxMs365Account(models.Model):
    _inherit = "praetorx.ms365.account"

    other_addresses = fields.Json(
        readonly=True,
        copy=False,
        help="Further addresses of this mailbox, as Microsoft lists them, and former "
        "ones: its owner is known by any of them.",
    )

    def _remember_addresses(self, me):
        """Remember the addresses that Microsoft lists for a mailbox; forget none.

        :param me: Graph's ``user``, perhaps without some members
        """
        self.ensure_one()
        main, others = addresses_of_mailbox(
            me, former=self.mailbox_address or "", known=self.other_addresses or ()
        )
        vals = {"mailbox_address": main or self.mailbox_address}
        if others != (self.other_addresses or []):
            vals["other_addresses"] = others
        if any(self[name] != value for name, value in vals.items()):
            self.write(vals)

    def _remember_own_address(self, link, remote):
        """Remember under which address Exchange has made our own event organize.

        :param link: of an event that this mailbox was just told to create
        """
        person = remote.organizer
        is_own = remote.is_organizer and not link.calendar_id._is_shared()
        if person and is_own and person.email not in self._addresses():
            self._remember_addresses(
                {
                    "mail": self.mailbox_address,
                    "proxyAddresses": [f"smtp:{person.email}"],
                }
            )

    def _addresses(self):
        """Return the mail addresses that the owners of these mailboxes have."""
        addresses = {address for account in self for address in account._own_list()}
        addresses |= set(self.user_id.partner_id.mapped("email_normalized"))
        return {address.lower() for address in addresses if address}

    def _own_list(self):
        """Return the addresses of one mailbox, the one that is written first."""
        main = self.mailbox_address
        return [main.lower(), *(self.other_addresses or ())] if main else []

    @api.model
    @tools.ormcache()
    def _organizer_addresses(self):
        """Return ``{mail address: account id}`` of all mailboxes that are synced.

        Several may claim one address. The mailbox with it as main address comes first,
        then the user with it, then the mailbox that lists it.
        """
        accounts = self._synced_mailboxes()
        addresses = {}
        for account in accounts:
            for address in account._own_list()[1:]:
                addresses.setdefault(address, account.id)
        for account in accounts:
            if account.user_id.email_normalized:
                addresses[account.user_id.email_normalized] = account.id
        for account in accounts:
            addresses[account.mailbox_address.lower()] = account.id
        return addresses

    @api.model
    @tools.ormcache()
    def _addresses_of_people(self):
        """Return ``{partner id: addresses}`` of the owners of all known mailboxes.

        The address of a synced mailbox comes first: invitations go there. The address
        of a switched-off mailbox stays known, so its owner is not invited twice.
        """
        owner_of = dict(self._organizer_addresses())
        people = {}
        accounts = self.sudo().search(Domain("mailbox_address", "!=", False))
        for account in accounts.sorted(lambda one: (not one.enabled, one.id)):
            partner = account.user_id.partner_id
            own = [
                address
                for address in account._own_list()
                if owner_of.setdefault(address, account.id) == account.id
            ]
            mails = [account.user_id.email_normalized, partner.email_normalized]
            known = [*own, *mails] if account.enabled else [*mails, *own]
            people[partner.id] = tuple(dict.fromkeys(filter(None, known)))
        return people

    @api.model
    def _synced_mailboxes(self):
        """Return the synced accounts that have a known mailbox."""
        return self.sudo().search(
            Domain("enabled", "=", True) & Domain("mailbox_address", "!=", False)
        )
