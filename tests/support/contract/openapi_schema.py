"""Turns an OpenAPI 3.0 document into one whose schemas are JSON Schema 2020-12."""

from typing import Any

_COMPOSITIONS = ("$ref", "allOf", "oneOf", "anyOf")
_NOT_SCHEMAS = ("example", "examples", "description", "x-codeSamples")


def json_schema(node: Any) -> Any:
    """Copy `node` with every `nullable` replaced by what it means in JSON Schema, and without examples.

    OpenAPI 3.0.3 leaves open what `nullable` beside `allOf` or `$ref` does; the authors of these contracts
    mean that null is allowed, so that is how it reads here.
    """
    if isinstance(node, list):
        return [json_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    copy: dict[str, Any] = {
        key: _named(value) if key == "properties" else json_schema(value)
        for key, value in node.items()
        if key not in _NOT_SCHEMAS
    }
    return _or_null(copy) if copy.pop("nullable", False) is True else copy


def _named(properties: dict[str, Any]) -> dict[str, Any]:
    """Keys here are names of properties, which may be `nullable` or `example` without meaning it."""
    return {name: json_schema(shape) for name, shape in properties.items()}


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    if any(word in schema for word in _COMPOSITIONS):
        return {"anyOf": [schema, {"type": "null"}]}
    if "enum" in schema and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
    if isinstance(schema.get("type"), str):
        schema["type"] = [schema["type"], "null"]
    return schema
