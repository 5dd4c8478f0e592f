import asyncio
import ssl
from pathlib import Path

import pytest

from benchmarks.instrument.throughput.client import read_httpx, read_ours
from tests.fakes.authority import Authority
from tests.fakes.object_server import SIZE, holding, whole
from tests.fakes.server import FakeServer


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_every_client_reads_the_whole_object(tmp_path: Path, scheme: str) -> None:
    authority = Authority(tmp_path)
    serving = authority.server_context("localhost") if scheme == "https" else None
    context = ssl.create_default_context(cafile=str(authority.ca_file))
    with FakeServer(holding(whole), serving) as server:
        url = f"{scheme}://localhost:{server.port}/object"
        assert asyncio.run(read_ours(url, SIZE, context)) == SIZE
        assert read_httpx(url, context) == SIZE
