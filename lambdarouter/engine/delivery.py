"""Replies that travel through an API of their own: sent in time, whatever the handler did.

A source with a `reserve` has its handlers stopped that much earlier, and the time is there to send what is to be said.
"""

from __future__ import annotations

from lambdarouter.engine.attempt import in_thread, is_ours

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lambdarouter.core.route import Completion, Delivery
    from lambdarouter.engine.drive import Here
    from lambdarouter.engine.work import Work

__all__ = ["deliver", "deliver_late"]


async def deliver(completion: Completion, work: Work, here: Here) -> None:
    """Send the delivery that is the completion's reply, and put what Lambda gets in its place."""
    delivery: Delivery = completion.reply
    completion.reply = None
    deadline = work.deadline
    deadline.answering = False
    try:
        deadline.release_reserve()
        if here.driven:
            deadline.inside = True
            sent = delivery.send()
        else:
            # It may block, and others live in the event loop.
            sent = await in_thread(work, None, delivery.send)
        if sent is not None:
            await here.loop(sent)
            await sent
        completion.reply = delivery.reply
    except Exception as error:  # noqa: BLE001 - whatever kept it from being sent
        completion.error = error
    except BaseException as error:
        if not is_ours(error, deadline):
            raise
        completion.error = work.late()
    finally:
        deadline.inside = False


def deliver_late(completion: Completion, work: Work) -> None:
    """`deliver`, where the handler could not be stopped: in what is left of the reserve; without one, it is too late.

    So it is where it was the sending that could not be stopped: nothing is sent twice.

    Nothing stops this: the room's client has its own time limits.
    """
    delivery: Delivery = completion.reply
    completion.reply = None
    if not work.deadline.reserved:
        completion.error = work.late()
        return
    try:
        sent = delivery.send()
        if sent is not None:
            if hasattr(sent, "close"):
                sent.close()  # nobody will await it
            msg = "a delivery that is sent asynchronously is too late where the handler could not be stopped"
            raise TypeError(msg)  # noqa: TRY301 - as any other reason why it was not sent
        completion.reply = delivery.reply
    except Exception as error:  # noqa: BLE001 - whatever kept it from being sent
        completion.error = error
