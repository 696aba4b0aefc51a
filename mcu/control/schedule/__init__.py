"""Meetings planned: the rows, and the clock that carries them out."""
