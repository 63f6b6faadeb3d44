"""Making what handlers depend on, and cleaning up after them."""

from __future__ import annotations

from lambdarouter.core.parameter import EMPTY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from lambdarouter.core.handler import Dependency
    from lambdarouter.core.invocation import Invocation
    from lambdarouter.core.route import Match
    from lambdarouter.engine.drive import Here

__all__ = ["clean", "make", "make_shared"]


class _Failed:
    """In the cache instead of a value: every call that needs it fails with the same error."""

    __slots__ = ("error",)

    def __init__(self, error: Exception) -> None:
        self.error = error


async def make(dependencies: Iterable[Dependency], match: Match, invocation: Invocation, here: Here) -> None:
    """Make the dependencies of one call, in order, those that are not made yet."""
    for dependency in dependencies:
        made = invocation.find(dependency.key, EMPTY)
        if made is EMPTY:
            await _make(dependency, match, invocation, here)
        elif type(made) is _Failed:
            raise made.error


async def make_shared(matches: Iterable[Match], invocation: Invocation, here: Here) -> None:
    """Make what the calls of one event share, before they start side by side; a failure is theirs when they ask."""
    for match in matches:
        for dependency in () if match.route is None else match.route.handler.dependencies:
            if dependency.scope == "call":
                continue
            try:
                await make((dependency,), match, invocation, here)
            except Exception as error:  # noqa: BLE001 - user code
                invocation.keep(dependency.key, _Failed(error))
                break  # those after it may need it


async def _make(dependency: Dependency, match: Match, invocation: Invocation, here: Here) -> None:
    if dependency.scope == "app":
        # Nearly always made at the start; one of a route that was registered since belongs there, too.
        while invocation.parent is not None:
            invocation = invocation.parent
    value = dependency.given(match)
    if value is EMPTY:
        if dependency.handler.dependencies:
            await make(dependency.handler.dependencies, match, invocation, here)
        handler = dependency.handler
        value = handler.call(match, invocation)
        if dependency.kind in ("function", "coroutine"):
            if type(value) is not handler.plain_type and handler.must_await(value):
                await here.loop(value)
                value = await value
        else:
            generator = value
            if dependency.kind == "async generator":
                await here.loop()
                value = await anext(generator, EMPTY)
            else:
                value = next(generator, EMPTY)
            if value is EMPTY:
                msg = f"the dependency {dependency.handler.place} ended without yielding a value"
                raise RuntimeError(msg)
            invocation.clean_later(generator)
        value = dependency.finish(value, match)
    invocation.keep(dependency.key, value)


async def clean(invocation: Invocation, failure: BaseException | None, here: Here) -> BaseException | None:
    """Run the teardowns of one scope, last made first, with the failure raised at each yield.

    Returns the failure that stands: the given one, or that of a teardown. A dependency may look at a failure (to roll
    back), but it cannot make it undone.
    """
    teardowns, invocation.teardowns = invocation.teardowns, None
    try:
        for generator in reversed(teardowns or ()):
            try:
                if hasattr(generator, "__anext__"):
                    await here.loop()
                    await (anext(generator) if failure is None else generator.athrow(failure))
                elif failure is None:
                    next(generator)
                else:
                    generator.throw(failure)
            except (StopIteration, StopAsyncIteration):
                continue
            except BaseException as error:  # noqa: BLE001 - user code; the caller raises what stands
                failure = error
            else:
                failure = failure or RuntimeError(f"the dependency {generator!r} yielded twice")
        return failure
    finally:
        del failure  # its frames would hold it
