"""Pages of a list: https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api."""

from collections.abc import Mapping
from urllib.parse import urlencode

from nhi.model.identity import Json
from nhi.sandbox.github.call import Answer
from nhi.sandbox.github.description import Operation

_DEFAULT, _MOST = 30, 100


def page_of(operation: Operation, answer: Answer, query: Mapping[str, str], place: str) -> Answer:
    """The page that was asked for, with the header `Link`, where an operation answers whole lists.

    A list may stand in an object beside its `total_count`. What has no pages by the description is left alone.

    Args:
        operation: says by its parameters whether it has pages, by number or by cursor.
        answer: the whole of it.
        query: of the request, already checked.
        place: the URL of the request, without a query.
    """
    whole = _list_in(answer.body)
    if operation.method != "GET" or "per_page" not in operation.queries or whole is None:
        return answer
    size = max(1, min(int(query.get("per_page", _DEFAULT)), _MOST))
    by_number = "page" in operation.queries
    first = (max(1, int(query.get("page", 1))) - 1) * size if by_number else int(query.get("after", "0"))
    links = (
        _links(query, place, size, first, len(whole)) if by_number else _cursor(query, place, first + size, len(whole))
    )
    header = ", ".join(f'<{url}>; rel="{name}"' for name, url in links.items())
    cut = whole[first : first + size]
    body: Json = cut
    if isinstance(answer.body, dict):
        body = {key: cut if inner is whole else inner for key, inner in answer.body.items()}
    return Answer(answer.status, body, {**answer.headers, **({"Link": header} if header else {})})


def _list_in(body: Json) -> list[Json] | None:
    if isinstance(body, dict) and "total_count" in body:
        return next((one for one in body.values() if isinstance(one, list)), None)
    return body if isinstance(body, list) else None


def _links(query: Mapping[str, str], place: str, size: int, first: int, length: int) -> dict[str, str]:
    now, last = first // size + 1, max(1, -(-length // size))
    pages: dict[str, int] = {}
    if now > 1:
        pages |= {"prev": min(now - 1, last), "first": 1}
    if now < last:
        pages |= {"next": now + 1, "last": last}
    return {name: f"{place}?{urlencode({**query, 'page': str(page)})}" for name, page in pages.items()}


def _cursor(query: Mapping[str, str], place: str, after: int, length: int) -> dict[str, str]:
    if after >= length:
        return {}
    return {"next": f"{place}?{urlencode({**query, 'after': str(after)})}"}
