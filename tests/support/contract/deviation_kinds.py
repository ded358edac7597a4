"""In which ways an answer may differ from the published contract. The rows are in `deviations.py` and
`deviating_statuses.py`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Face = Literal["fapi", "bapi"]
Schema = Mapping[str, Any]

STRING: Schema = {"type": "string"}
BOOLEAN: Schema = {"type": "boolean"}
NULL: Schema = {"type": "null"}

FACES: tuple[Face, ...] = ("fapi", "bapi")
ANYWHERE = ("*",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """Fields of every row. `name` is stable and unique: reports and the record of use go by it."""

    face: Face
    name: str
    reason: str

    @property
    def summary(self) -> str:
        """The difference, in one line."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraKey(Deviation):
    """An object that the contract closes has one more key."""

    schema: str
    """Component schema, or steps below one: `Client.SignIn/properties/user_data`. With `#/` at its beginning,
    a JSON pointer (RFC 6901) from the top of the contract."""
    key: str
    shape: Schema

    @property
    def summary(self) -> str:
        return f"{self.schema} also has {self.key!r}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherValue(Deviation):
    """A key may have a value that the contract does not allow, e.g. null."""

    schema: str
    key: str
    shape: Schema

    @property
    def summary(self) -> str:
        return f"{self.schema} may have another value of {self.key!r}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraStatus(Deviation):
    """Operations answer with an error envelope under a status that the contract does not list for them."""

    operations: tuple[str, ...]
    """operationIds, or `ANYWHERE`."""
    status: int
    codes: tuple[str, ...]
    """Codes that the first error may have."""

    @property
    def summary(self) -> str:
        return f"{', '.join(self.operations)} may answer {self.status} with {' or '.join(self.codes)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedValue(Deviation):
    """Operations refuse values of a parameter that the contract takes, under a status that it lists."""

    operations: tuple[str, ...]
    """operationIds."""
    param: str
    values: str
    """The values that are refused, in words."""

    @property
    def summary(self) -> str:
        return f"{', '.join(self.operations)} refuse {self.param}: {self.values}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaginatedList(Deviation):
    """Operations that list a bare array answer `{data, total_count}` when asked with `paginated=true`."""

    operations: tuple[str, ...]

    @property
    def summary(self) -> str:
        return f"{', '.join(self.operations)} may answer {{data, total_count}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraOperation(Deviation):
    """An operation that SDKs call and the contract does not have, or has as an empty path."""

    method: str
    path: str
    operation: str
    """The operationId it would have."""
    answers: Mapping[int, Schema | None]
    """Status to shape of the JSON body; None for no body."""

    @property
    def summary(self) -> str:
        return f"{self.method} {self.path} ({self.operation}) exists"
