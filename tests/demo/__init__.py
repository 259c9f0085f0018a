"""The demo: two people, events on both sides, one sync, and checks of the result."""
