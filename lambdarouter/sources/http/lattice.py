"""VPC Lattice: its two versions of an event, and its reply, which has one value for each header.

https://docs.aws.amazon.com/vpc-lattice/latest/ug/lambda-functions.html
"""

from __future__ import annotations

from lambdarouter.core.request import Values, pairs
from lambdarouter.core.view import field
from lambdarouter.sources.http.gateways import BalancedRequest, grouped, plain_reply
from lambdarouter.sources.http.request import headers_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from lambdarouter.sources.http.response import Response

__all__ = ["LatticeRequest", "LatticeV1Request"]


def _pairs(values: Any) -> Iterator[tuple[str, str]]:
    """A map of names to a value or a list of values: version 2.0 is documented with lists, and was seen without."""
    if isinstance(values, dict):
        for name, value in values.items():
            for each in value if isinstance(value, list) else [value]:
                if isinstance(each, str):
                    yield name, each


class LatticeRequest(BalancedRequest):
    """A request through VPC Lattice, version 2.0 of the event."""

    method: str = field("method")
    headers: Values = field(of=lambda raw: Values(_pairs(raw.get("headers")), fold=True))
    query: Values = field(of=lambda raw: Values(_pairs(raw.get("queryStringParameters"))))

    def check(self, response: Response) -> None:
        """See `HttpRequest.check`. A second cookie could not be sent."""
        super().check(response)
        cookies = sum(name == "set-cookie" for name, _ in headers_of(response))
        if cookies > 1:
            msg = f"the reply has {cookies} cookies, and VPC Lattice takes one value for each header: put them into one"
            raise ValueError(msg)

    def answer(self, response: Response) -> dict[str, Any]:
        """Several values of a name are joined with a comma."""
        reply = plain_reply(response)
        if reply["headers"] is None:
            reply["headers"] = {name: ", ".join(values) for name, values in grouped(response).items()}
        return reply


class LatticeV1Request(LatticeRequest):
    """A request through VPC Lattice, version 1.0 of the event, whose names are in snake_case."""

    base64_flag = "is_base64_encoded"
    raw_path: str = field("raw_path")
    headers: Values = field(of=lambda raw: Values(pairs(raw.get("headers"), None), fold=True))
    query: Values = field(of=lambda raw: Values(_pairs(raw.get("query_string_parameters"))))

    def line(self) -> tuple[str, str]:
        """See `HttpRequest.line`."""
        return self.method, self.raw_path.partition("?")[0]
