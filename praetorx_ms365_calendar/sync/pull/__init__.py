"""Read Outlook: which requests a mailbox needs, and which pages came back."""
