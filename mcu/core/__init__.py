"""Conference policy, pure: values in, decisions out. Nothing here does I/O."""
