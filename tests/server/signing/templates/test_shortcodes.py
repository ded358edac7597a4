"""Reading of shortcodes in the claims of a template."""

from __future__ import annotations

from typing import Any

import pytest

from greffier.server.signing.templates.shortcodes import rendered, shortcode_problems

VALUES: dict[str, Any] = {
    "user": {
        "name": "Ada",
        "nothing": None,
        "no": False,
        "yes": True,
        "zero": 0,
        "empty": "",
        "age": 36,
        "data": {"plan": "pro", "roles": ["a", "b"], "deep": {"er": 1}, "injected": "{{user.name}}"},
    },
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("plain", "plain"),
        ("{{user.name}}", "Ada"),
        ("{{ user.name }}", "Ada"),
        ("{{user.age}}", 36),
        ("{{user.yes}}", True),
        ("{{user.no}}", False),
        ("{{user.nothing}}", None),
        ("{{user.data.roles}}", ["a", "b"]),
        ("{{user.data.deep}}", {"er": 1}),
        ("{{user.data.deep.er}}", 1),
        ("{{user.data.roles.0}}", None),
        ("{{user.name.first}}", None),
        ("{{user.unheard_of}}", None),
        ("{{org.id}}", None),
        ("{{whatever}}", None),
        ("{{user.nothing || 'unknown'}}", "unknown"),
        ("{{user.nothing||user.no||user.name}}", "Ada"),
        ("{{user.no || user.nothing}}", None),
        ("{{user.nothing || user.no}}", False),
        ("{{user.zero || 5}}", 0),
        ("{{user.empty || 'x'}}", ""),
        ("{{user.nothing || 30}}", 30),
        ("{{user.nothing || -1.5}}", -1.5),
        ("{{user.nothing || true}}", True),
        ("{{user.nothing || 'a || b'}}", "a || b"),
        ("{{'{{'}}", "{{"),
        ("{{''}}", ""),
        ("Dear {{user.name}}!", "Dear Ada!"),
        ("{{user.name}}{{user.age}}", "Ada36"),
        ("{{user.nothing}}/{{user.yes}}/{{user.data.deep}}", 'null/true/{"er":1}'),
        ("{{user.nothing || 'no'}}-{{user.data.roles}}", 'no-["a","b"]'),
        ("a {single} brace", "a {single} brace"),
    ],
)
def test_shortcode_becomes_its_value(text: str, value: Any) -> None:
    assert shortcode_problems(text) == []
    found = rendered(text, VALUES)
    assert found == value
    assert type(found) is type(value)


def test_what_a_value_says_is_not_read_for_shortcodes() -> None:
    assert rendered("{{user.data.injected}}", VALUES) == "{{user.name}}"
    assert rendered("<{{user.data.injected}}>", VALUES) == "<{{user.name}}>"
    assert rendered("{{user.data}}", VALUES)["injected"] == "{{user.name}}"


def test_claims_are_rendered_at_every_depth_and_their_names_are_not() -> None:
    claims = {"{{user.name}}": [{"who": "{{user.name}}"}, "{{user.age}}", 7, None, True]}

    assert rendered(claims, VALUES) == {"{{user.name}}": [{"who": "Ada"}, 36, 7, None, True]}


@pytest.mark.parametrize(
    "text",
    [
        "{{}}",
        "{{ }}",
        "{{||}}",
        "{{user.name ||}}",
        "{{|| user.name}}",
        "{{user.name | 'x'}}",
        "{{user.name 'x'}}",
        "{{'a' 'b'}}",
        "{{'open}}",
        "{{user.name",
        "text {{user.name} more",
    ],
)
def test_what_cannot_be_read_is_a_problem(text: str) -> None:
    assert shortcode_problems({"claims": [text]})


def test_unfinished_shortcodes_are_read_in_a_moment() -> None:
    """Any reading that starts over at each brace would take minutes."""
    for text in ("{{" * 4000, "{{a" * 2700, "{{'" * 2700, "{{" + "a" * 8000, "{{" + "a||" * 2700):
        assert shortcode_problems(text)
