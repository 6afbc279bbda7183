"""What a placement asks of its engine where the spec says nothing."""

from types import SimpleNamespace

import pytest

from generator.resolve.request import _concurrency


def candidate(engine, concurrency=None, *, gpus=True):
    settings = {"engine": SimpleNamespace(name=engine), "concurrency": concurrency}
    return SimpleNamespace(settings=settings, pool=object() if gpus else None)


@pytest.mark.parametrize(
    ("item", "requests"),
    [
        (candidate("vllm"), 16),
        (candidate("tgi"), 16),
        # OLLAMA_NUM_PARALLEL is 1 unless set: each one reserves a whole context, and the surplus runs on the CPUs.
        (candidate("ollama"), 1),
        (candidate("ollama", gpus=False), 1),
        (candidate("ollama", 4), 4),
    ],
)
def test_requests_at_once_fit_the_engine(item, requests):
    assert _concurrency(item)[0] == requests
