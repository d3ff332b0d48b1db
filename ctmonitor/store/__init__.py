"""What is kept: one database, its tables, and what can be asked of them."""

from ctmonitor.store.engine import SCHEMA, Store, Transaction, open_store, open_unchecked, schema_of

__all__ = ["SCHEMA", "Store", "Transaction", "open_store", "open_unchecked", "schema_of"]
