"""What is done once is done anew when it has to be."""

from collections.abc import Iterator

from generator.core.lazy import kept


class _Counter:
    def __init__(self) -> None:
        self.asked = 0

    @kept
    def letters(self, of: list[str]) -> Iterator[str]:
        self.asked += 1
        yield from of


def test_the_last_answer_is_kept_for_the_same_object_only():
    counter, word, equal = _Counter(), ["a"], ["a"]
    assert counter.letters(word) is counter.letters(word)
    assert counter.asked == 1
    assert [counter.letters(equal), counter.letters(word), _Counter().letters(word)] == [("a",)] * 3
    assert counter.asked == 3
