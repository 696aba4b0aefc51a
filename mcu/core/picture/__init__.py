"""Who is seen where, and how large: layouts, panes, turns and slides, as scenes for the mixer."""
