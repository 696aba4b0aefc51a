"""What goes in and out under /api/v1, by meaning. Answers may carry more keys than are named here."""
