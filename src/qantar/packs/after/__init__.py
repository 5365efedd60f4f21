"""Files of a pack on what follows: the folder ``after``."""
