"""The page that describes the routes: HTML made of the OpenAPI document, no script, nothing from outside."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

__all__ = ["POLICY", "docs_page"]

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;"
    "color-scheme:light dark}code{font-family:ui-monospace,monospace}"
    "h2{margin-top:2.5rem;border-top:1px solid #8886;padding-top:1rem}"
    "table{border-collapse:collapse}td{padding:.15rem 1rem .15rem 0;vertical-align:top}"
)


def docs_page(openapi: Mapping[str, Any]) -> str:
    """Return the page for *openapi*."""
    title = escape(openapi["info"]["title"])
    body = "\n".join(_routes(openapi))
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{title}</h1>"
        f"<p>{escape(openapi['info']['description'])}</p>"
        f'<p>For programs: <a href="openapi.json">openapi.json</a></p>{body}</body></html>'
    )


def _routes(openapi: Mapping[str, Any]) -> Iterator[str]:
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            yield f"<h2><code>{method.upper()} {escape(path)}</code></h2>"
            yield f"<p>{escape(operation.get('description', ''))}</p>"
            yield from _table("Parameters", _parameters(openapi, operation))
            yield from _table("Answers", _answers(operation))


def _parameters(openapi: Mapping[str, Any], operation: Mapping[str, Any]) -> dict[str, str]:
    found = {each["name"]: _kind(each["schema"], each) for each in operation.get("parameters", ())}
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    if reference := content.get("schema", {}).get("$ref"):
        schema = openapi["components"]["schemas"][reference.rpartition("/")[2]]
        required = schema.get("required", ())
        for name, field in schema["properties"].items():
            found[name] = ("required, " if name in required else "") + _kind(field, field)
    return found


def _kind(schema: Mapping[str, Any], described: Mapping[str, Any]) -> str:
    kinds = [each.get("type", "") for each in schema.get("anyOf", [schema])]
    kind = " or ".join(filter(None, kinds)) or schema.get("$ref", "").rpartition("/")[2]
    return f"{kind}. {described.get('description', '')}".strip()


def _answers(operation: Mapping[str, Any]) -> dict[str, str]:
    return {status: each["description"] for status, each in operation["responses"].items()}


def _table(title: str, rows: Mapping[str, str]) -> Iterator[str]:
    if rows:
        cells = "".join(
            f"<tr><td><code>{escape(name)}</code></td><td>{escape(text)}</td></tr>"
            for name, text in rows.items()
        )
        yield f"<h3>{title}</h3><table>{cells}</table>"
