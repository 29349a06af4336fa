"""The nouns of the field: frozen values, standard library only, no I/O and no clock."""
