"""Groups: a model whose fields are query parameters, headers, cookies or form fields."""

from __future__ import annotations

from lambdarouter.core.parameter import EMPTY
from lambdarouter.core.scalar import is_list, is_scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from lambdarouter.core.handler import Getter
    from lambdarouter.core.invocation import Invocation
    from lambdarouter.core.parameter import Parameter
    from lambdarouter.core.request import Values
    from lambdarouter.core.route import Match

__all__ = ["group_getter", "is_group"]

_MARKS = ("__pydantic_fields__", "__dataclass_fields__", "__total__")


def is_group(annotation: Any) -> bool:
    """Whether the annotation is a model, a dataclass or a TypedDict: several values under names of their own."""
    return isinstance(annotation, type) and any(hasattr(annotation, mark) for mark in _MARKS)


def group_getter(parameter: Parameter, kind: str, read: Callable[[Any], Values]) -> Getter:
    """Validate all values of the kind into the parameter's model; `read` finds them in the request."""
    parameter.where = kind
    declared, default = parameter.declared, parameter.default
    fields: list[tuple[str, str, bool]] | None = None
    validate: Callable[[Any], Any] | None = None

    def get(match: Match, invocation: Invocation) -> Any:
        nonlocal fields, validate
        if fields is None or validate is None:
            from lambdarouter.core import binding  # noqa: PLC0415 - pydantic: only where it is needed

            fields = _fields(parameter.annotation, kind)
            validate = binding.value_validator(declared, (kind,))
        values = read(match.record)
        found: dict[str, Any] = {}
        for sent, key, several in fields:
            if sent in values:
                found[key] = values.all(sent) if several else values[sent]
        if not found and default is not EMPTY:
            return default
        if kind in ("query", "form"):  # for models that forbid what they do not know
            known = {sent for sent, _, _ in fields}
            found.update((name, values[name]) for name in values if name not in known)
        return validate(found)

    return get


def _fields(annotation: Any, kind: str) -> list[tuple[str, str, bool]]:
    """(name as it is sent, name as it is validated, whether it takes several values) of every field."""
    described = getattr(annotation, "__pydantic_fields__", None)
    if described is None:
        from typing import get_type_hints  # noqa: PLC0415 - pydantic has loaded it

        hints = get_type_hints(annotation, include_extras=True).items()
        return [(_sent(name, None, kind), name, _takes_several(hint)) for name, hint in hints]
    fields = []
    for name, field in described.items():
        alias = field.validation_alias if isinstance(field.validation_alias, str) else field.alias
        fields.append((_sent(name, alias, kind), alias or name, _takes_several(field.annotation)))
    return fields


def _takes_several(annotation: Any) -> bool:
    return is_list(annotation) and not is_scalar(annotation)


def _sent(name: str, alias: str | None, kind: str) -> str:
    return alias or (name.replace("_", "-") if kind == "header" else name)
