"""A server for tests that behaves like Microsoft Graph v1.0 and Entra ID."""
