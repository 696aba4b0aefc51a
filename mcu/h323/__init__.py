"""The H.323 gateway: it speaks H.225.0 and H.245 with the terminal, SIP with our Asterisk, and carries no media."""
