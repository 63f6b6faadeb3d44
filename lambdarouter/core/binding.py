"""What needs pydantic: the user's payloads into their annotations, replies out of theirs.

The only module that imports pydantic (160 ms with one model); it is imported when the first such value turns up.
"""

from __future__ import annotations

from typing import cast

from pydantic import BaseModel, PydanticUserError, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError, to_json as _to_json, to_jsonable_python

from lambdarouter.errors import ConfigurationError, InvalidPayloadError, MalformedPayloadError, listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, Literal

    from pydantic_core import SchemaSerializer, SchemaValidator

__all__ = ["json_parser", "json_schemas", "json_validator", "jsonable", "reply_writer", "to_json", "value_validator"]


def _validator(annotation: Any) -> SchemaValidator:
    """The compiled validator: a complete model's own, else one made for the annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation.__pydantic_complete__:
        return cast("SchemaValidator", annotation.__pydantic_validator__)
    return cast("SchemaValidator", _adapter(annotation).validator)


def _serializer(annotation: Any) -> SchemaSerializer:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation.__pydantic_complete__:
        return annotation.__pydantic_serializer__
    return _adapter(annotation).serializer


def _adapter(annotation: Any) -> TypeAdapter[Any]:
    try:
        return TypeAdapter(annotation)
    except (PydanticUserError, NameError) as error:
        msg = f"pydantic cannot validate {annotation!r}: {error}"
        raise ConfigurationError(msg) from error


def json_parser(annotation: Any) -> Callable[[str | bytes], Any]:
    """`json_validator` without a word on what is wrong: it raises pydantic's error, which holds the text."""
    return _validator(annotation).validate_json


def json_validator(annotation: Any, what: str) -> Callable[[str | bytes], Any]:
    """Parse and validate JSON text in one go; `what` names the text in errors ("body", "message")."""
    validate = json_parser(annotation)

    def bound(text: str | bytes) -> Any:
        try:
            return validate(text)
        except ValidationError as error:
            raise refusal(error, (what,)) from None

    return bound


def value_validator(annotation: Any, location: tuple[str, ...]) -> Callable[[Any], Any]:
    """Validate a Python value, or a string as it came from a path, a query or a header, in pydantic's lax mode."""
    validate = _validator(annotation).validate_python

    def bound(value: Any) -> Any:
        try:
            return validate(value)
        except ValidationError as error:
            raise refusal(error, location) from None

    return bound


def refusal(error: ValidationError, location: tuple[str, ...]) -> InvalidPayloadError:
    """The framework's error for pydantic's, to be raised `from None`: inputs may be secret, and stay out of logs."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    problems = [{"loc": location + item["loc"], "msg": item["msg"], "type": item["type"]} for item in found]
    kind = MalformedPayloadError if problems[0]["type"] == "json_invalid" else InvalidPayloadError
    return kind(listed(problems), problems)


def reply_writer(annotation: Any, spared: tuple[type, ...] = ()) -> Callable[[Any], str | None]:
    """Write a handler's value as its declared return type says.

    A value of another type is validated into the declared one first: a field the type does not declare never leaves.
    Returns None for a value of one of the types that are `spared`, whichever way they go.
    Raises TypeError for a value that does not fit: the handler's mistake, not the sender's.
    """
    to_text = _serializer(annotation).to_json
    validate = _validator(annotation).validate_python
    exact = annotation if isinstance(annotation, type) else None

    def write(value: Any) -> str | None:
        if type(value) is not exact:
            if isinstance(value, spared):
                return None
            try:
                value = validate(value, from_attributes=True)
            except ValidationError as error:
                msg = f"the handler's value does not fit its declared return type: {refusal(error, ('reply',))}"
                raise TypeError(msg) from None
        return to_text(value).decode()

    return write


def to_json(value: Any) -> str:
    """Write any value as compact JSON. Raises TypeError for what has no JSON form, and says where that is."""
    try:
        return _to_json(value, inf_nan_mode="null").decode()
    except PydanticSerializationError as error:
        told = str(error)
        # What contains itself, or is nested too deep, is at fault everywhere.
        where = "" if ": ValueError: " in told else _place_of_fault(value)
        raise TypeError(f"{told}, at {where}" if where else told) from error


def _place_of_fault(value: Any) -> str:
    """The way to the first value inside of this one that has no JSON form, as subscripts."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, (list, tuple)) else ()
    for key, each in inside:
        try:
            _to_json(each, inf_nan_mode="null")
        except PydanticSerializationError:
            return f"[{key!r:.60}]{_place_of_fault(each)}"
    return ""


def jsonable(value: Any) -> Any:
    """The value as JSON's own types, as pydantic writes it. Raises TypeError for what has no JSON form."""
    try:
        return to_jsonable_python(value, inf_nan_mode="null")
    except PydanticSerializationError as error:
        raise TypeError(str(error)) from error


def json_schemas(
    wanted: Sequence[tuple[Any, Literal["validation", "serialization"], str]], ref_template: str
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The JSON schemas (2020-12) of annotations, as they are read or as they are written, and what these refer to.

    Each comes with its place, for errors. Models of one name from several modules get longer names. Raises
    `ConfigurationError` for a type that has no schema.
    """
    adapters: list[tuple[int, Literal["validation", "serialization"], TypeAdapter[Any]]] = []
    for number, (annotation, mode, place) in enumerate(wanted):
        try:
            adapters.append((number, mode, _adapter(annotation)))
            # On its own, which costs little: a schema that cannot be made among others does not say which it is.
            adapters[-1][2].json_schema(mode=mode)
        except PydanticUserError as error:
            msg = f"{annotation!r} has no JSON schema ({error.message}): give it one with WithJsonSchema"
            raise ConfigurationError(msg, place) from error
        except ConfigurationError as error:
            error.where = place
            raise
    found, shared = TypeAdapter.json_schemas(adapters, ref_template=ref_template)
    return [found[number, mode] for number, mode, _ in adapters], shared.get("$defs", {})
