"""Sites, terminals and their accounts."""
