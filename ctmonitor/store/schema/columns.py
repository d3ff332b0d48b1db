"""What all tables share: the pattern of their names, and the kinds of their columns."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, MetaData, String, text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = BigInteger().with_variant(Integer(), "sqlite")
Instant = String(27)
Day = String(10)
Nct = String(11)


def number(name: str, *, default: int = 0) -> Column[int]:
    """A column that counts, from `default` on."""
    return Column(name, Integer, nullable=False, server_default=text(str(default)))
