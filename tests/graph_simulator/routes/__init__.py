"""The wire: Entra ID, Graph, the control API and the web page."""
