"""The acts of a meeting: each a function on a draft of it, all of them in a registry with their arguments."""
