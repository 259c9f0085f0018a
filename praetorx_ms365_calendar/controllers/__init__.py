from . import lifecycle, notification, oauth, sync_data
