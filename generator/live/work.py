"""Asks many things at once, a bounded number at a time, and gives up when the time is over."""

import threading
import time
from collections.abc import Callable, Sequence
from queue import Empty, Queue, SimpleQueue
from typing import Generic, TypeVar

AT_ONCE = 8
Answer = TypeVar("Answer")
Key = TypeVar("Key")


class Deadline:
    """The end of the whole run."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    @property
    def left_s(self) -> float:
        """Seconds that are left, never below zero."""
        return max(0.0, self._end - time.monotonic())


def ask_all(
    questions: Sequence[Callable[[], Answer]], deadline: Deadline, answered: Callable[[int], None]
) -> list[Answer | None]:
    """The answers in the order of the questions; None for each that is not there at the deadline.

    `answered` is told, in this thread, the number of each question that ended. The threads are daemons: a server that
    dribbles out a byte a second keeps a socket's own limit from striking, and must not keep the process.

    Raises:
        Exception: whatever a question raises.
    """
    waiting: Queue[int] = Queue()
    done: SimpleQueue[tuple[int, Answer | None, BaseException | None]] = SimpleQueue()
    for number in range(len(questions)):
        waiting.put(number)

    def work() -> None:
        while deadline.left_s:
            try:
                number = waiting.get_nowait()
            except Empty:
                return
            try:
                done.put((number, questions[number](), None))
            except Exception as error:
                done.put((number, None, error))

    for _ in range(min(AT_ONCE, len(questions))):
        threading.Thread(target=work, daemon=True).start()
    return _collect(len(questions), done, deadline, answered)


def _collect(
    count: int,
    done: "SimpleQueue[tuple[int, Answer | None, BaseException | None]]",
    deadline: Deadline,
    answered: Callable[[int], None],
) -> list[Answer | None]:
    answers: list[Answer | None] = [None] * count
    for _ in range(count):
        try:
            number, answer, error = done.get(timeout=deadline.left_s or 0.001)
        except Empty:
            break
        if error is not None:
            raise error
        answers[number] = answer
        answered(number)
    return answers


class Once(Generic[Key, Answer]):
    """Asks each thing once, however many threads want to know it: the others wait. An error is kept as well."""

    def __init__(self, ask: Callable[[Key], Answer]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._locks: dict[Key, threading.Lock] = {}
        self._answers: dict[Key, Answer | Exception] = {}

    def __call__(self, key: Key) -> Answer:
        """The answer for a key."""
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key not in self._answers:
                self._answers[key] = self._first(key)
        answer = self._answers[key]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _first(self, key: Key) -> Answer | Exception:
        try:
            return self._ask(key)
        except Exception as error:
            return error
