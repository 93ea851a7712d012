"""`checks:` of the settings file: what a user changes in a check, by its id.

Ids and parameters are those of each `check.yaml`; the checks' code is not read. Meaning: docs/settings.md.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Self, TypeGuard

import msgspec
from msgspec import Struct

from supportaudit.auditing.registry import Check, Declared, Parameter, declared_checks
from supportaudit.checkkit import Params
from supportaudit.model import Severity
from supportaudit.settings.typed import Fault, Leaf, read_struct, show, unknown

Value = float | str | bool


class Certainty(float, Leaf):
    """A confidence between 0 and 1, written 0.7."""

    SCHEMA: ClassVar[Mapping[str, Any]] = {"type": "number", "minimum": 0, "maximum": 1}

    @classmethod
    def read(cls, value: object) -> Self:
        """From a number."""
        if not is_number(value) or not 0 <= value <= 1:
            raise Fault(f"must be a confidence from 0 to 1, such as 0.7, not {show(value)}")
        return cls(value)


class Weight(float, Leaf):
    """Demerits for a failed conversation, 0 or more: docs/scoring.md."""

    SCHEMA: ClassVar[Mapping[str, Any]] = {"type": "number", "minimum": 0}

    @classmethod
    def read(cls, value: object) -> Self:
        """From a number."""
        if not is_number(value) or value < 0:
            raise Fault(f"must be a number of 0 or more, such as 1.5, not {show(value)}")
        return cls(value)


class Grade(str, Leaf):
    """How grave a finding is: low, medium or high."""

    __slots__ = ()
    SCHEMA: ClassVar[Mapping[str, Any]] = {"enum": [severity.value for severity in Severity]}

    @classmethod
    def read(cls, value: object) -> Self:
        """From one of the three words."""
        if not isinstance(value, str) or value not in list(Severity):
            raise Fault(f"must be low, medium or high, not {show(value)}")
        return cls(value)


class ParamValues(dict[str, Value], Leaf):
    """Values by parameter; `CheckTable` compares them with what the check declares."""

    SCHEMA: ClassVar[Mapping[str, Any]] = {"type": "object"}

    @classmethod
    def read(cls, value: object) -> Self:
        """From a mapping."""
        if not isinstance(value, dict):
            raise Fault(f"must hold parameters and their values, not {show(value)}")
        return cls(value)


class CheckSettings(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """What is changed in one check. What is left out stays as the check says."""

    enabled: bool | None = None
    min_confidence: Certainty | None = None
    severity: Grade | None = None
    weight: Weight | None = None
    params: ParamValues | None = None


class CheckTable(dict[str, CheckSettings], Leaf):
    """Checks by id, and what is changed in them."""

    @classmethod
    def read(cls, value: object) -> Self:
        """From a mapping of the ids of checks."""
        if not isinstance(value, dict):
            raise Fault(f"must name checks, such as 'rudeness', not {show(value)}")
        known = {check.info.id: check for check in declared_checks()}
        for name in value:
            if name not in known:
                raise Fault(unknown(str(name), known), (str(name),))
        return cls({name: _one(known[name], body) for name, body in value.items()})

    def off(self) -> tuple[str, ...]:
        """The checks that are switched off."""
        return tuple(name for name, one in self.items() if one.enabled is False)

    def thresholds(self, typed: float | None) -> dict[str, float]:
        """Least confidences that differ from the global one. Of a check's own and one that was typed, the stricter."""
        own = {name: one.min_confidence for name, one in self.items() if one.min_confidence is not None}
        return {name: max(least, typed if typed is not None else 0.0) for name, least in own.items()}

    def severities(self) -> dict[str, Severity]:
        """The severities that were set."""
        return {name: Severity(one.severity) for name, one in self.items() if one.severity is not None}

    def params_of(self, check: Check) -> Params:
        """The check's parameters: those set over its own."""
        one = self.get(check.id)
        own: dict[str, Value] = {p.name: p.default for p in check.params}
        return Params(own | dict(one.params or {}) if one is not None else own)

    def changed(self, check: Check) -> Check:
        """The check with the severity and the weight that were set, as scores and reports show it."""
        one = self.get(check.id)
        if one is None or (one.severity is None and one.weight is None):
            return check
        info = check.info
        severity = info.severity if one.severity is None else Severity(one.severity)
        weight = info.weight if one.weight is None else float(one.weight)
        return replace(check, info=msgspec.structs.replace(info, severity=severity, weight=weight))


def _one(check: Declared, body: object) -> CheckSettings:
    name = check.info.id
    try:
        settings = read_struct(CheckSettings, body)
        for key, value in (settings.params or {}).items():
            _check_param(check, str(key), value)
    except Fault as fault:
        raise Fault(fault.words, (name, *fault.path)) from None
    return settings


def _check_param(check: Declared, key: str, value: object) -> None:
    params = {p.name: p for p in check.params}
    if not params:
        raise Fault(f"is not known; {check.info.id} has no parameters", ("params", key))
    if key not in params:
        raise Fault(unknown(key, params), ("params", key))
    kind = _kind(params[key])
    fits = {"number": is_number(value), "boolean": isinstance(value, bool), "string": isinstance(value, str)}
    if not fits[kind]:
        words = {"number": "a number", "boolean": "true or false", "string": "text"}[kind]
        raise Fault(
            f"must be {words}, such as {_plain(params[key].default)}, not {show(value)}", ("params", key)
        )


def _kind(param: Parameter) -> str:
    """The parameter's type, as JSON Schema calls it: that of its default."""
    if isinstance(param.default, bool):
        return "boolean"
    return "string" if isinstance(param.default, str) else "number"


def _plain(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value}"


def is_number(value: object) -> TypeGuard[float]:
    """Whether a value of the file is a number; true and false are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


FIELDS: Mapping[str, Mapping[str, Any]] = {
    "enabled": {"description": "Whether the check runs; usually true.", "type": ["boolean", "null"]},
    "min-confidence": {
        "description": "Findings less sure than this are left out.",
        **Certainty.SCHEMA,
        "type": ["number", "null"],
    },
    "severity": {"description": "Of all its findings.", "enum": [*Grade.SCHEMA["enum"], None]},
    "weight": {
        "description": "Demerits for each failed conversation, in the score.",
        **Weight.SCHEMA,
        "type": ["number", "null"],
    },
}
"""The JSON Schema of what every check has. A key may stand without a value, and then says nothing."""


def checks_schema() -> dict[str, Any]:
    """The JSON Schema of `checks:`, with every check's own parameters. It refers to `FIELDS` by name."""
    return {
        "type": "object",
        "properties": {check.info.id: _check_schema(check) for check in declared_checks()},
        "additionalProperties": False,
    }


def _check_schema(check: Declared) -> dict[str, Any]:
    params = {
        p.name: {"description": p.help, "type": _kind(p), "examples": [p.default]} for p in check.params
    }
    own = {"type": ["object", "null"], "properties": params, "additionalProperties": False}
    return {
        "description": check.info.title,
        "type": "object",
        "properties": {name: {"$ref": f"#/$defs/{name}"} for name in FIELDS} | {"params": own},
        "additionalProperties": False,
    }
