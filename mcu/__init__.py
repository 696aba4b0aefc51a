"""A SIP and H.323 multipoint control unit built on Asterisk."""

__version__ = "0.1.0"
