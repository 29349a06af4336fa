"""A kind is a folder of modules/. One that cannot be relied upon stops everything, with its path."""

import json
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from tests.fixtures.manifests import CATALOG, FILES, PAPER_ACCOUNT, SERVICE_ROLE, places, source

from nhi.errors import InputError
from nhi.manifest.ground import is_ground
from nhi.manifest.kinds import Catalog, catalog_of
from nhi.model.identity import Json
from nhi.model.source import FileType

_PATH = "modules/paper-account/schema.json"


def catalog(schema: object, path: str = _PATH) -> Catalog:
    """The catalog of one kind."""
    return catalog_of([source(schema if isinstance(schema, str | bytes) else json.dumps(schema), path)])


def refusal(schema: object, path: str = _PATH) -> str:
    """Why a kind is refused."""
    with pytest.raises(InputError) as refused:
        catalog(schema, path)
    assert refused.value.hint
    return refused.value.message


def changed(**keys: Json) -> Mapping[str, Json]:
    """The schema with other keys."""
    return {**PAPER_ACCOUNT, **keys}


def test_a_kind_has_its_folders_name_and_its_schemas_words() -> None:
    kind = catalog(PAPER_ACCOUNT).kinds["paper-account"]

    assert (kind.name, kind.title) == ("paper-account", "An account on paper")
    assert kind.description == "An account that people make by hand."
    assert kind.expectation is None


def test_what_must_stand_in_the_cloud_is_kept_as_text() -> None:
    assert CATALOG.kinds["service-role"].expectation == FILES["modules/service-role/expected.json.j2"]


def test_other_files_of_modules_are_passed_over() -> None:
    assert catalog_of([source("no json", "modules/README.md"), source("x", "modules/a/tests/schema.json")]).kinds == {}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("nhi.yaml", True),
        ("identities/owners.yaml", True),
        ("modules/paper-account/schema.json", True),
        ("modules/paper-account/expected.json.j2", True),
        ("modules/paper-account/main.tf", False),
        ("modules/schema.json", False),
        ("identities/prod/schema.json", False),
    ],
)
def test_what_manifests_are_judged_by(path: str, *, expected: bool) -> None:
    assert is_ground(path) is expected


def test_a_schema_that_is_no_json() -> None:
    assert refusal("{").startswith(f"{_PATH} is not JSON: ")


def test_a_schema_that_nests_without_end() -> None:
    assert refusal("[" * 30_000).startswith(f"{_PATH} is not JSON: ")


def test_a_schema_that_is_not_utf_8() -> None:
    assert refusal(b"\xff") == f"{_PATH} is not UTF-8"


def test_a_schema_that_is_a_link() -> None:
    with pytest.raises(InputError, match="is not a file of at most 64 KiB"):
        catalog_of([source(b"", _PATH, FileType.SYMLINK)])


def test_a_schema_that_is_too_large_is_never_read_in_part() -> None:
    assert refusal(json.dumps(PAPER_ACCOUNT) + " " * 70_000) == f"{_PATH} is not a file of at most 64 KiB"


def test_an_expectation_that_is_not_utf_8() -> None:
    path = "modules/paper-account/expected.json.j2"

    with pytest.raises(InputError, match=f"^{path} is not UTF-8$"):
        catalog_of([source(json.dumps(PAPER_ACCOUNT), _PATH), source(b"\xff", path)])


def test_an_expectation_that_is_a_link_is_not_an_empty_one() -> None:
    path = "modules/paper-account/expected.json.j2"

    with pytest.raises(InputError, match="is not a file"):
        catalog_of([source(json.dumps(PAPER_ACCOUNT), _PATH), source(b"", path, FileType.SYMLINK)])


@pytest.mark.parametrize("key", ["title", "description"])
@pytest.mark.parametrize("value", [None, " ", 7])
def test_a_schema_without_its_words(key: str, value: Json) -> None:
    assert refusal(changed(**{key: value})) == f"{_PATH} has no {key}"


def test_a_schema_that_is_no_mapping() -> None:
    assert refusal("[]") == f"{_PATH} has no title"


@pytest.mark.parametrize("value", [None, "array", ["object", "null"]])
def test_a_scope_must_be_a_mapping(value: Json) -> None:
    assert refusal(changed(type=value)) == f"{_PATH} is not the schema of a mapping"


@pytest.mark.parametrize(
    "keys",
    [{"properties": 5}, {"required": "system"}, {"properties": {"a": {"pattern": "("}}}, {"$ref": "#/$defs/none"}],
)
def test_what_is_no_json_schema(keys: dict[str, Json]) -> None:
    assert refusal(changed(**keys)).startswith(f"{_PATH} is not a JSON Schema: ")


@pytest.mark.parametrize("name", ["Paper", "paper account", "-paper", "pa\x1b[31mper", "p"])
def test_a_folder_that_no_manifest_could_name(name: str) -> None:
    message = refusal(PAPER_ACCOUNT, f"modules/{name}/schema.json")

    assert message.endswith("is not a kind's name")
    assert message.isprintable()


def test_a_schema_that_refers_to_a_file_is_refused() -> None:
    assert refusal(changed(properties={"a": {"$ref": "file:///etc/hostname"}})).startswith(
        f"{_PATH} is not a JSON Schema"
    )


@pytest.mark.parametrize(
    "part",
    [
        {"$ref": "#"},
        {"allOf": [{"anyOf": [{"$dynamicRef": "#a"}]}]},
        {"unevaluatedProperties": {"type": "string"}},
        {"items": {"unevaluatedItems": False}},
    ],
)
def test_a_schema_that_could_ask_for_endless_work_is_refused(part: Json) -> None:
    assert refusal(changed(properties={"a": part})).endswith(" is not for kinds")


def test_a_schema_that_nests_without_end_is_refused() -> None:
    deep: Json = {"type": "string"}
    for _ in range(200):
        deep = {"not": deep}

    assert refusal(changed(properties={"a": deep})) == f"{_PATH} is not a JSON Schema: it nests more than 50 deep"


def test_nothing_is_fetched_for_a_schema() -> None:
    asked: list[str] = []

    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the name that http.server asks for
            asked.append(self.path)

    with HTTPServer(("127.0.0.1", 0), Server) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/schema.json"
        message = refusal(changed(properties={"a": {"$ref": url}}))
        server.shutdown()
        thread.join()

    assert asked == []
    assert message.startswith(f"{_PATH} is not a JSON Schema")


def test_the_schema_of_a_manifest_has_the_kinds_scope() -> None:
    assert CATALOG.schemas["service-role"].document["properties"]["scope"]["required"] == SERVICE_ROLE["required"]  # type: ignore[index,call-overload]  # JSON of any shape


def test_a_kind_decides_its_scope_alone() -> None:
    text = "apiVersion: nhi/v1\nkind: paper-account\nname: ledger-writer\nowner: payments\n"
    purpose = "purpose: Settlement batch writes cleared transactions to the ledger table.\nexpiry: 2027-03-31\n"

    assert places(f"{text}{purpose}scope: {{trust: {{}}}}\n")[0] == ("unknown-key", 7, 9)
