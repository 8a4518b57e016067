"""JSON Schema of a kind's designs, for editors that complete and check YAML."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonRef, JsonSchemaValue

from simulator.domain.ports import Kind

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def json_schema(kind: Kind) -> dict[str, Any]:
    """The schema (2020-12) of what people may write, short forms included."""
    schema = kind.design_type.model_json_schema(schema_generator=_WrittenSchema)
    required = list(dict.fromkeys(["kind", *schema.get("required", [])]))
    return {"$schema": _DIALECT, **schema, "title": f"A {kind.name} design", "required": required}


class _WrittenSchema(GenerateJsonSchema):
    """Allows the short forms that `simulator.files.shapes` describes."""

    def function_before_schema(self, schema: Any) -> JsonSchemaValue:
        inner = super().function_before_schema(schema)
        short = self._short(inner)
        return {"anyOf": [short, inner]} if short else inner

    def _short(self, inner: JsonSchemaValue) -> JsonSchemaValue | None:
        if inner.get("type") == "array" and "items" in inner:
            return self._mapping(inner)
        properties = self._properties(inner)
        return next(iter(properties.values()), None)

    def _mapping(self, array: JsonSchemaValue) -> JsonSchemaValue | None:
        """Nested objects for an array of records: all fields but the last are keys."""
        properties = list(self._properties(array["items"]).values())
        if len(properties) < 2:
            return None
        *keys, value = properties
        if value.get("type") == "array" and "items" in value:
            nested = self._mapping(value)
            value = {"anyOf": [nested, {"type": "null"}]} if nested else value
        for key in reversed(keys):
            names = {k: v for k, v in key.items() if k in ("minLength", "pattern", "enum")}
            described = {"description": key["description"]} if "description" in key else {}
            value = {"type": "object", **described, "additionalProperties": value}
            if names:
                value["propertyNames"] = names
        if array.get("minItems"):
            value["minProperties"] = array["minItems"]
        return value

    def _properties(self, schema: JsonSchemaValue) -> dict[str, JsonSchemaValue]:
        reference = schema.get("$ref")
        found = self.get_schema_from_definitions(JsonRef(reference)) if reference else schema
        properties: dict[str, JsonSchemaValue] = (found or {}).get("properties", {})
        return properties
