from odoo import models


class PraetorxMs365Outbox(models.Model):
    _inherit = "praetorx.ms365.outbox"

    def _forget(self, names, units, reason):
        """Remove fields and list elements from this edit, and send only the rest.

        :param names: fields that are not sent
        :param units: elements of lists that are not sent
        :param reason: of the closed entry, if nothing is left to send
        """
        left = [name for name in self.field_names if name not in names]
        if not left:
            self.write({"state": "done", "reason": reason})
            return
        keys = {}
        for _day, name, key in units:
            keys.setdefault(name, set()).add(key)
        lists = {
            name: {
                side: [one for one in elements if one not in keys.get(name, ())]
                for side, elements in change.items()
            }
            for name, change in (self.list_changes or {}).items()
            if name in left
        }
        self.write({"field_names": left, "list_changes": lists or False})
