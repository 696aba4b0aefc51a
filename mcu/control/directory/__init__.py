"""Sites, terminals and accounts: the rows, files in and out, and what core knows of them."""
