"""How Asterisk and our module for it are built."""
