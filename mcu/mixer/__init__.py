"""The mixer: takes pictures from Asterisk, composes them, gives them back."""
