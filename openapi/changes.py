"""Finds changes of a document that break clients of the old one."""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
METHODS = ("get", "post")


def breaking(old: Json, new: Json) -> list[str]:
    """List the changes that break, each with its place; empty where there is none.

    Routes and answers may grow, and requests may ask for less. The other way round breaks.
    """
    return [*_paths(old["paths"], new["paths"]), *_schemas(old, new)]


def _paths(old: Json, new: Json) -> Iterator[str]:
    for path, item in old.items():
        for method in METHODS:
            if method not in item:
                continue
            operation = new.get(path, {}).get(method)
            if operation is None:
                yield f"{method.upper()} {path} is gone"
            else:
                yield from _operation(f"{method.upper()} {path}", item[method], operation)


def _operation(where: str, old: Json, new: Json) -> Iterator[str]:
    for status in new["responses"].keys() - old["responses"].keys():
        yield f"{where} answers {status}, which it didn't"
    answer = [o["responses"]["200"]["content"] for o in (old, new)]
    for kind in answer[0]:
        if kind not in answer[1]:
            yield f"{where} no longer answers {kind}"
        else:
            yield from _answer(where, answer[0][kind]["schema"], answer[1][kind]["schema"])
    bodies = [o.get("requestBody", {"required": False, "content": {}}) for o in (old, new)]
    if bodies[1]["required"] and not bodies[0]["required"]:
        yield f"{where} needs a body, which it didn't"
    if _of(bodies[0]) not in (None, _of(bodies[1])):
        yield f"{where} takes another body"


def _of(body: Json) -> Any:  # a schema, or None
    return body["content"].get("application/json")


def _answer(where: str, old: Json, new: Json) -> Iterator[str]:
    for name in sorted({*old.get("required", ())} - {*new.get("required", ())}):
        yield f"{where} no longer answers with {name!r}"
    if old.get("$ref") != new.get("$ref"):
        yield f"{where} answers another schema"


def _schemas(old: Json, new: Json) -> Iterator[str]:
    known = new["components"]["schemas"]
    for name, schema in old["components"]["schemas"].items():
        if name not in known:
            yield f"the schema {name} is gone"
            continue
        is_request = not name.endswith(("Response", "Error", "OutputTensor"))
        yield from _fields(name, schema, known[name], is_request=is_request)


def _fields(name: str, old: Json, new: Json, *, is_request: bool) -> Iterator[str]:
    fields, kept = old.get("properties", {}), new.get("properties", {})
    for field in fields:
        if field not in kept:
            yield f"{name}.{field} is gone"
        elif fields[field] != kept[field]:
            yield f"{name}.{field} was {fields[field]} and is {kept[field]}"
    before, after = {*old.get("required", ())}, {*new.get("required", ())}
    for field in sorted(after - before if is_request else before - after):
        yield f"{name}.{field} is {'needed, and was not' if is_request else 'no longer certain'}"
    if is_request and old.get("oneOf") != new.get("oneOf"):
        yield f"{name} takes another combination of fields"
