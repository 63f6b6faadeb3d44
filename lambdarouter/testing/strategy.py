"""Strategies for hypothesis: the events of every source, drawn as AWS may send them.

::

    from lambdarouter.testing import strategies


    @given(strategies.sqs("jobs", Order))
    def test_no_order_is_lost(event): ...

`strategies` has the test client's methods, with the builders' signatures, and gives a strategy where the client sends.
"""

from __future__ import annotations

from inspect import Parameter, signature
from typing import Any, Final, Literal, ParamSpec

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from lambdarouter.engine.classify import classify
from lambdarouter.testing import events
from lambdarouter.testing.batch import duplicated, reordered
from lambdarouter.testing.domains import domain, filled, pairs
from lambdarouter.testing.events.common import hints_of
from lambdarouter.testing.sends import Send, Sends
from lambdarouter.testing.values import JSON, is_kind, values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["Strategies", "strategies"]

P = ParamSpec("P")

_MOST = 10  # records of a batch


def _request(
    method: str,
    path: str,
    *,
    gateway: Literal["rest", "v2", "url", "alb", "lattice_v1", "lattice_v2"] = "v2",
    headers: Mapping[str, str | Sequence[str]] | None = None,
    query: Mapping[str, str | Sequence[str]] | None = None,
    cookies: Mapping[str, str] | None = None,
    body: str | bytes | None = None,
    json: Any = None,
) -> Any:
    """Build a request through any gateway; text stands for each parameter of a path ("/orders/{order_id}")."""
    build = getattr(events.http, gateway)
    return build(method, path, headers=headers, query=query, cookies=cookies, body=body, json=json)


# A path of theirs may be a template, such as "/orders/{order_id}".
_ROUTED = {_request, *(getattr(module, name) for module in (events.http, events.authorizer) for name in module.__all__)}


class Strategies(Sends[SearchStrategy[Any]]):
    """One method for every source: what is left out varies as AWS lets it, and a type stands for values of it.

    ::

        strategies.sns("orders", Order)
        strategies.http("POST", "/orders", json=Order)
        strategies.dynamodb("orders", (None, Order))
        strategies.any_event("sqs", "kinesis")

    A builder's records (`*bodies`) say what each is one of: a batch has one to ten, some of them twice.
    """

    def _send(self, build: Callable[P, Any], /, *args: P.args, **kwargs: P.kwargs) -> SearchStrategy[Any]:
        return _event(build, signature(build).bind(*args, **kwargs).arguments)

    def of(self, kind: Any) -> Any:
        """A strategy of values of `kind`, a type or a strategy, to stand where a builder wants a value of its own type.

        ::

            strategies.sns(strategies.of(Literal["orders", "refunds"]), Order)

        Any value is one that pydantic accepts in JSON. Raises `ConfigurationError` for a type that it cannot validate.
        """
        return values(kind)

    def any_event(self, *names: str) -> SearchStrategy[Any]:
        """Any event of the sources with these names, as `lambdarouter.classify` gives them; of all, without a name.

        Raises LookupError for a name that there is none of.
        """
        return st.one_of([self._of_name(name) for name in names or events.EXAMPLES])

    def _of_name(self, name: str) -> SearchStrategy[Any]:
        if name == "invoke":
            return JSON.filter(lambda event: classify(event) == "invoke")
        if name == "pipes":
            return self.any_event("sqs", "kinesis", "dynamodb").map(events.pipes)
        if name not in events.BUILDERS:
            msg = f"no event is named {name!r}: there are {', '.join(events.EXAMPLES)}"
            raise LookupError(msg)
        return _event(events.BUILDERS[name], {})

    authorizer_request_v1: Final = Send(events.authorizer.request_v1)
    authorizer_request_v2: Final = Send(events.authorizer.request_v2)
    authorizer_token: Final = Send(events.authorizer.token)
    authorizer_websocket: Final = Send(events.authorizer.websocket)
    cron_rule: Final = Send(events.cron.rule)
    cron_scheduler: Final = Send(events.cron.scheduler)
    http: Final = Send(_request)
    http_alb: Final = Send(events.http.alb)
    http_lattice_v1: Final = Send(events.http.lattice_v1)
    http_lattice_v2: Final = Send(events.http.lattice_v2)
    http_rest: Final = Send(events.http.rest)
    http_url: Final = Send(events.http.url)
    http_v2: Final = Send(events.http.v2)


strategies: Final = Strategies()


@st.composite
def _event(draw: st.DrawFn, build: Callable[..., Any], given: Mapping[str, Any]) -> Any:
    parameters, hints = signature(build).parameters, hints_of(build)
    drawn: dict[str, Any] = {}
    for name, value in given.items():
        parameter = parameters[name]
        if parameter.kind is Parameter.VAR_POSITIONAL:
            drawn[name] = draw(_batch(build, st.one_of([_record(build, each, given) for each in value])))
        elif name == "path" and build in _ROUTED and isinstance(value, str):
            drawn[name] = draw(filled(value))
        else:
            drawn[name] = draw(_given(value))
    for name, parameter in parameters.items():
        found = None if name in given else domain(build, parameter, hints[name], drawn)
        if found is not None:
            drawn[name] = draw(_batch(build, found) if parameter.kind is Parameter.VAR_POSITIONAL else found)
    call = signature(build).bind_partial()
    call.arguments.update(drawn)
    event = build(*call.args, **call.kwargs)
    if build is events.sqs and drawn.get("group") is None:
        event = draw(_as_delivered(event))
    return event


def _given(value: Any) -> SearchStrategy[Any]:
    """Values for what a test gives: of a type those of the type, also inside of dicts, lists and tuples."""
    if is_kind(value):
        return values(value)
    if type(value) is dict:
        return st.fixed_dictionaries({name: _given(each) for name, each in value.items()})
    if type(value) in (list, tuple):
        return st.tuples(*map(_given, value)).map(type(value))
    return st.just(value)


def _record(build: Callable[..., Any], value: Any, given: Mapping[str, Any]) -> SearchStrategy[Any]:
    return pairs(_given(value), given) if build is events.dynamodb else _given(value)


@st.composite
def _batch(draw: st.DrawFn, build: Callable[..., Any], record: SearchStrategy[Any]) -> tuple[Any, ...]:
    if build is events.sns:
        return (draw(record),)  # SNS sends one at a time
    fewest = 0 if build is events.appsync_events else 1
    batch = draw(st.lists(record, min_size=fewest, max_size=_MOST - 1))
    again = draw(st.sampled_from([None, *range(len(batch))]))
    return (*batch, *([] if again is None else [batch[again]]))


@st.composite
def _as_delivered(draw: st.DrawFn, event: Any) -> Any:
    """A standard queue's messages come in any order, and now and then twice."""
    position = st.none() | st.integers(0, len(event["Records"]) - 1)
    first, twice = draw(position), draw(position)
    event = event if first is None else reordered(event, first)
    return event if twice is None else duplicated(event, twice)
