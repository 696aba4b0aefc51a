"""Who comes in: the door, numbers and PINs keyed in, the lobby, keys pressed in the meeting."""
