"""How PJSIP and its Python binding are built."""
