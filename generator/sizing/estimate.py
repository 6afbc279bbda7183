"""A number that is not measured: its value, the interval around it, and why it is what it is."""

from collections.abc import Iterable

from generator.core.frozen import frozen

GIB = 1024**3


@frozen
class Estimate:
    """A value between `low` and `high`. The interval is meant to hold four of five real machines."""

    value: float
    low: float
    high: float

    @classmethod
    def exact(cls, value: float) -> "Estimate":
        """A value without doubt."""
        return cls(value, value, value)

    @classmethod
    def around(cls, value: float, minus: float, plus: float) -> "Estimate":
        """A value with shares of itself below and above: `around(10, 0.1, 0.2)` lies in 9 to 12."""
        return cls(value, value * (1 - minus), value * (1 + plus))

    def __add__(self, other: "Estimate") -> "Estimate":
        return Estimate(self.value + other.value, self.low + other.low, self.high + other.high)

    def times(self, factor: float) -> "Estimate":
        """Scaled by a factor that is not negative."""
        return Estimate(self.value * factor, self.low * factor, self.high * factor)

    def widened(self, below: float, above: float) -> "Estimate":
        """The same value with a wider interval, in its own unit."""
        return Estimate(self.value, self.low - below, self.high + above)


@frozen
class Term:
    """One line of a budget, in GiB unless its name says otherwise. `why` is the derivation in one sentence."""

    name: str
    estimate: Estimate
    why: str


def total(terms: Iterable[Term]) -> Estimate:
    """The sum of terms; their doubts add up, which is on the safe side."""
    result = Estimate.exact(0.0)
    for term in terms:
        result = result + term.estimate
    return result
