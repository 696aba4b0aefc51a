"""Asterisk: its manager and gateway interfaces, its configuration, our module, and the recipe that builds it."""
