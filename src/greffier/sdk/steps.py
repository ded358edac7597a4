"""One body of code for synchronous and asynchronous callers.

A function that may need the network is a generator of `Steps`: it yields what it wants to `Ask` and is given
the answer. `run` and `run_async` drive it. Without a need for the network it never yields, and so awaits
nothing.
"""

from collections.abc import Generator
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Ask(Protocol[T_co]):
    """Something to be fetched from outside the process."""

    def ask(self) -> T_co:
        """Get the answer, blocking this thread."""
        ...

    async def ask_async(self) -> T_co:
        """Get the answer without blocking the event loop."""
        ...


Steps = Generator[Ask[Any], Any, T]


def ask(question: Ask[T]) -> Steps[T]:
    """`answer = yield from ask(question)`, with the type of the answer kept."""
    return (yield question)


def run(steps: Steps[T]) -> T:
    """Run to the end, blocking this thread while something is asked."""
    try:
        question = next(steps)
        while True:
            try:
                answer = question.ask()
            except Exception as error:
                question = steps.throw(error)
            else:
                question = steps.send(answer)
    except StopIteration as done:
        return done.value


async def run_async(steps: Steps[T]) -> T:
    """Run to the end, awaiting whatever is asked."""
    try:
        question = next(steps)
        while True:
            try:
                answer = await question.ask_async()
            except Exception as error:
                question = steps.throw(error)
            else:
                question = steps.send(answer)
    except StopIteration as done:
        return done.value
