"""Who acts: one hat of one person, a resident, a program, or the system. Plain values; no Django."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol
from uuid import UUID

from onegrid.foundation.kernel.texts import Lang

Kind = Literal["staff", "resident", "anonymous", "integration", "system"]


class Hat(Protocol):
    """An appointment as its holder wears it. `workforce` makes them; accounts only need these values."""

    @property
    def id(self) -> int: ...
    @property
    def position(self) -> str: ...
    @property
    def title_zh(self) -> str: ...
    @property
    def title_en(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def duties(self) -> frozenset[str]: ...
    @property
    def faces(self) -> tuple[str, ...]: ...
    @property
    def place(self) -> str: ...
    @property
    def place_en(self) -> str: ...
    @property
    def scope_path(self) -> str: ...
    @property
    def grid_id(self) -> int | None: ...
    @property
    def department_id(self) -> int | None: ...
    @property
    def department_name(self) -> str: ...
    @property
    def department_name_en(self) -> str: ...
    @property
    def department_path(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who acts in this request or job."""

    kind: Kind
    user_id: int | None = None
    resident_id: UUID | None = None
    name: str = ""
    position: str = ""
    """Title of the hat, in the reader's language."""
    role: str = ""
    """Kind of the hat's position, a word of the workforce's closed list; empty without a hat."""
    unit: str = ""
    """Place or department of the hat."""
    scope_path: str = ""
    """The subtree of the hat; empty when it has none."""
    department_id: int | None = None
    department_path: str = ""
    duties: frozenset[str] = frozenset()
    lang: Lang = "zh-CN"
    track_code: str = ""
    """A reporter without a sign-in proves himself by the case's code."""
    hat_id: int | None = None
    hats: Sequence[Hat] = ()
    must_change: bool = False
    """The password must be changed before anything else."""
    request_id: str = ""
    session: bytes = b""
    """Digest of the browser's session; empty for tokens and jobs."""

    @property
    def word(self) -> str:
        """One word that compares equal for the same person; the sender of receipts."""
        if self.user_id is not None:
            return f"user:{self.user_id}"
        if self.resident_id is not None:
            return f"resident:{self.resident_id}"
        return self.kind


SYSTEM = Actor(kind="system", name="system")


def wearing(
    hats: Sequence[Hat], wanted: str, *, user_id: int, name: str, lang: Lang, kind: Kind = "staff", **more: object
) -> Actor:
    """The actor for a person with `hats`: the wanted one when he holds it, else the first, else none at all."""
    hat = next((one for one in hats if str(one.id) == wanted), hats[0] if hats else None)
    if hat is None:
        return Actor(kind=kind, user_id=user_id, name=name, lang=lang, **more)  # type: ignore[arg-type]
    english = lang == "en"
    return Actor(
        kind=kind,
        user_id=user_id,
        name=name,
        position=hat.title_en if english else hat.title_zh,
        role=hat.kind,
        unit=(hat.department_name_en if english else hat.department_name) or (hat.place_en if english else hat.place),
        scope_path=hat.scope_path,
        department_id=hat.department_id,
        department_path=hat.department_path,
        duties=hat.duties,
        lang=lang,
        hat_id=hat.id,
        hats=tuple(hats),
        **more,  # type: ignore[arg-type]
    )
