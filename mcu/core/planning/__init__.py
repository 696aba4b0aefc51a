"""Meetings planned, once or repeated."""
