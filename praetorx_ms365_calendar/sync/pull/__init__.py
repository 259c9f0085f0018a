"""Read Outlook: choose the next request of a mailbox, and apply its pages."""
