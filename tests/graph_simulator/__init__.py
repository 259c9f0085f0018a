"""A server that behaves as Microsoft Graph v1.0 and Entra ID do, for tests."""
