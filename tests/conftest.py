"""What holds for the whole run: the machine's speed decides nothing, and no real consumer goes unasked unseen."""

import gc
from collections import Counter

import hypothesis
import pytest

from tests.consumers.tools import CONSUMERS, MISSING, required

_PROPERTY = "consumer"

# How long an example takes tells of the machine, not of the code.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")
_ran: set[str] = set()


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--update-cases` makes what tests/cases render to now the expectation."""
    parser.addoption("--update-cases", action="store_true", help="rewrite the expectations of tests/cases")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put each test's consumer names where the reports of worker processes carry them to the end of the run."""
    for item in items:
        item.user_properties += [(_PROPERTY, name) for name in _consumers(item)]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail a test that names a consumer nobody waits for."""
    unknown = set(_consumers(item)) - set(CONSUMERS)
    if unknown:
        pytest.fail(f"no consumer is called {', '.join(sorted(unknown))}; known: {', '.join(CONSUMERS)}", pytrace=False)


def pytest_runtest_teardown() -> None:
    """Collect garbage again: `gen` turns that off for its short life, and tests run it in a process with a long one."""
    gc.enable()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note the consumers of every test whose body ran to its end, well or badly."""
    if report.when == "call" and report.outcome != "skipped":
        _ran.update(str(value) for key, value in report.user_properties if key == _PROPERTY)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that asked none of a consumer's tests."""
    if _unasked(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was missing, with the number of tests that it cost, and which consumers ran nowhere."""
    for reason, tests in sorted(_missing(terminalreporter).items()):
        terminalreporter.line(f"SKIPPED {tests} tests; {reason}", yellow=True, bold=True)
    missing = _unasked(terminalreporter.config)
    if missing:
        terminalreporter.section("consumers that ran nowhere", red=True)
        terminalreporter.line(f"FAILED: no test of {', '.join(missing)} ran; each must be asked once")


def _missing(terminalreporter: pytest.TerminalReporter) -> Counter[str]:
    """How many tests were skipped for want of each tool."""
    reports = terminalreporter.getreports("skipped")
    reasons = [report.longrepr[2] for report in reports if isinstance(report.longrepr, tuple)]
    return Counter(reason.removeprefix("Skipped: ") for reason in reasons if MISSING in reason)


def _consumers(item: pytest.Item) -> list[str]:
    return sorted({name for mark in item.iter_markers("consumer") for name in mark.args})


def _unasked(config: pytest.Config) -> list[str]:
    """Consumers without a test that ran; empty in a worker, in a mere collection and where tools may be missing."""
    if not required() or hasattr(config, "workerinput") or config.option.collectonly:
        return []
    return sorted(set(CONSUMERS) - _ran)
