"""Columns with a rule: scope paths, encrypted text, blind indexes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import connection, models
from django.db.models.query_utils import DeferredAttribute
from django.db.models.signals import pre_save

from onegrid.foundation.kernel import masking, sealed


def ScopePath(*, unique: bool = False, db_index: bool = False, default: Any = models.NOT_PROVIDED) -> Any:
    """A path in the tree of grids: ids with closing dots, compared byte by byte so that a subtree is a range."""
    return models.TextField(db_collation="C", unique=unique, db_index=db_index, default=default)


class Terms(models.Field):  # type: ignore[type-arg]
    """A set of 32-bit numbers (`integer[]`), for an index over its members; read and written as a list."""

    def db_type(self, connection: Any) -> str:
        """PostgreSQL's own array."""
        return "integer[]"


def key_file() -> Path:
    """Where the key ring lies: outside the database and its backups."""
    return Path(settings.ONEGRID_DATA) / "keys" / "ring.json"


def cipher() -> sealed.Algorithm:
    """How new values are sealed, as configured."""
    return "sm4-gcm" if settings.ONEGRID_CIPHER == "sm4-gcm" else "aes-gcm"


LOOK_AGAIN: Final = 1.0
"""Seconds after which a process looks whether the key file was changed."""


class _Ring:
    """The process's key ring, read again when its file was changed: keys are added while everything runs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: sealed.KeyRing | None = None
        self._mark: tuple[int, int] = (0, 0)
        self._looked = 0.0

    def __call__(self) -> sealed.KeyRing:
        """The ring. Raises `KeysMissing`: without it nothing personal is read or written."""
        kept = self._kept
        if kept is None or time.monotonic() - self._looked > LOOK_AGAIN:
            self.renewed()
            kept = self._kept
        if kept is None:
            raise sealed.KeysMissing(f"cannot read the key file {key_file()}")
        return kept

    def renewed(self) -> bool:
        """Look at the file now; whether the ring is another one than before. A file that is gone changes nothing."""
        with self._lock:
            self._looked = time.monotonic()
            try:
                found = key_file().stat()
            except OSError:
                if self._kept is None:
                    self._kept = sealed.load_ring(key_file(), cipher())
                return False
            mark = (found.st_mtime_ns, found.st_ino)
            if self._kept is not None and mark == self._mark:
                return False
            self._kept, self._mark = sealed.load_ring(key_file(), cipher()), mark
            return True

    def cache_clear(self) -> None:
        """Read it again at the next question."""
        with self._lock:
            self._kept = None


ring: Final = _Ring()


def seal_cell(model: type[models.Model], field: str, row: object, text: str) -> bytes:
    """The stored form of `text` for one cell; for plain SQL. `row` is the primary key."""
    column = model._meta.get_field(field)
    return sealed.seal(ring(), text, sealed.row_label(model._meta.db_table, column.name, str(row)))


def seal_cells(model: type[models.Model], field: str, cells: Iterable[tuple[object, str]]) -> Iterator[bytes]:
    """`seal_cell` for many rows, given as (primary key, text): what a bulk insert stores."""
    column = model._meta.get_field(field)
    named = ((str(row), text) for row, text in cells)
    return sealed.seal_all(ring(), named, model._meta.db_table, column.name)


def open_cell(model: type[models.Model], field: str, row: object, value: bytes) -> str:
    """The text of one cell read by plain SQL."""
    column = model._meta.get_field(field)
    label = sealed.row_label(model._meta.db_table, column.name, str(row))
    try:
        return sealed.unseal(ring(), bytes(value), label)
    except sealed.CannotOpen:
        # Sealed a moment ago, by a process that has seen a newer key.
        if not ring.renewed():
            raise
        return sealed.unseal(ring(), bytes(value), label)


def blind(model: type[models.Model], field: str, value: str) -> bytes:
    """What to look for in the blind index `field` of `model` to find `value`."""
    column = model._meta.get_field(field)
    if not isinstance(column, BlindIndex):
        raise TypeError(f"{field} is not a blind index")
    return column.index_of(model._meta.db_table, value)


def blinder(model: type[models.Model], field: str) -> Callable[[str], bytes]:
    """`blind` for many values of one index that are normalised already."""
    column = model._meta.get_field(field)
    return sealed.blinder(ring(), f"{model._meta.db_table}.{column.name}")


class _Opened(DeferredAttribute):
    """Opens the sealed value when it is read, not when the row is: a list that shows no phone opens none."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        if instance is None:
            return self
        value = super().__get__(instance, cls)
        if isinstance(value, (bytes, memoryview)):
            value = open_cell(type(instance), self.field.name, instance.pk, bytes(value))
            instance.__dict__[self.field.attname] = value
        return value

    def __set__(self, instance: Any, value: Any) -> None:
        """A data descriptor: without this a loaded value would be read past `__get__`, still sealed."""
        instance.__dict__[self.field.attname] = value


class EncryptedText(models.BinaryField):  # type: ignore[type-arg]
    """Text sealed with table, column and row. Reads and writes as `str`; cannot be filtered or bulk-updated."""

    descriptor_class = _Opened

    def __init__(self, *args: Any, **options: Any) -> None:
        options.setdefault("editable", False)
        super().__init__(*args, **options)

    def contribute_to_class(self, cls: Any, name: str, private_only: bool = False) -> None:
        """Rows with a numbered key need the number before they are sealed."""
        super().contribute_to_class(cls, name, private_only)
        if not cls._meta.abstract:
            pre_save.connect(_number_row, sender=cls, dispatch_uid="onegrid.number_row")

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Seal what is about to be written."""
        value = model_instance.__dict__.get(self.attname)
        if not isinstance(value, str):
            return value
        if model_instance.pk is None:
            raise TypeError(f"{model_instance!r} needs its key before {self.name} can be sealed")
        return seal_cell(type(model_instance), self.name, model_instance.pk, value)

    def get_prep_value(self, value: Any) -> Any:
        """Text never reaches SQL: not in a filter, not in an update."""
        if isinstance(value, str):
            raise TypeError(f"{self.name} is encrypted: save the row, search by its blind index")
        return super().get_prep_value(value)


class BlindIndex(models.BinaryField):  # type: ignore[type-arg]
    """HMAC of another field's normalised text, for finding rows by equality. Filled by itself on save."""

    def __init__(
        self, *args: Any, of: str = "", normalise: Callable[[str], str] = masking.normalise, **options: Any
    ) -> None:
        self.of = of
        self.normalise = normalise
        options.setdefault("editable", False)
        options.setdefault("null", True)
        super().__init__(*args, **options)

    def deconstruct(self) -> Any:
        """For migrations; how it is filled is no matter of the schema."""
        name, path, args, options = super().deconstruct()
        return name, path, args, options

    def index_of(self, table: str, value: str) -> bytes:
        """The stored form for `value`."""
        return sealed.blind_index(ring(), f"{table}.{self.name}", self.normalise(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Follow the field this indexes, when it is loaded."""
        if self.of in model_instance.__dict__:
            text = getattr(model_instance, self.of)
            value = None if text is None else self.index_of(model_instance._meta.db_table, text)
            setattr(model_instance, self.attname, value)
        return getattr(model_instance, self.attname)


def _number_row(sender: type[models.Model], instance: models.Model, **_: Any) -> None:
    """Draw the row's number from its sequence ahead of the insert."""
    if instance.pk is not None or not isinstance(sender._meta.pk, models.AutoField):
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s))", [f'"{sender._meta.db_table}"', sender._meta.pk.column]
        )
        instance.pk = cursor.fetchone()[0]
