"""Run the work of mailboxes: locks, time limits, commits and their retries."""
