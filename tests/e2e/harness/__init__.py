"""What end-to-end tests, browser tests and the demo are made of."""
