"""Holds that every real consumer was asked: a consumer that ran nowhere fails the run where tools are required."""

import pytest

from tests.consumers.tools import CONSUMERS, required

_PROPERTY = "consumer"
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


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note the consumers of every test whose body ran to its end, well or badly."""
    if report.when == "call" and report.outcome != "skipped":
        _ran.update(str(value) for key, value in report.user_properties if key == _PROPERTY)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a run that asked none of a consumer's tests."""
    if _unasked(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which consumers ran nowhere."""
    missing = _unasked(terminalreporter.config)
    if missing:
        terminalreporter.section("consumers that ran nowhere", red=True)
        terminalreporter.line(f"FAILED: no test of {', '.join(missing)} ran; each must be asked once")


def _consumers(item: pytest.Item) -> list[str]:
    return sorted({name for mark in item.iter_markers("consumer") for name in mark.args})


def _unasked(config: pytest.Config) -> list[str]:
    """Consumers without a test that ran; empty in a worker, in a mere collection and where tools may be missing."""
    if not required() or hasattr(config, "workerinput") or config.option.collectonly:
        return []
    return sorted(set(CONSUMERS) - _ran)
