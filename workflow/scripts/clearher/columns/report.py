"""Tables of the report stage: none of its own; its files show the tables of the other stages."""

from clearher.columns import Table

TABLES: tuple[Table, ...] = ()
