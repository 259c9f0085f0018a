"""The demo: two people, events on both sides, one sync, and a look at the outcome."""
