"""Whom the MCU calls, when again, and why a call failed."""
