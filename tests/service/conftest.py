"""What tests of whole processes share."""

from collections.abc import Iterator

import pytest

from tests.helpers.media_phones import Worker


@pytest.fixture
def worker() -> Iterator[Worker]:
    worker = Worker()
    yield worker
    worker.end()
