"""Real S3-compatible servers on loopback: what object storage does, done here.

`LocalBucket` honours create-only writes and checks no signature; `SignedBucket` checks
signatures and honours no create-only writes. Each keeps its objects as plain files in
`folder`, where a test may look at them or change them.
"""

import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

KEY_NAME = "the-key-of-a-test"
KEY_SECRET = "the-secret-of-a-test"  # noqa: S105  it opens nothing
_BUCKET = "bench"
_WAIT_S = 120.0
_ATTEMPTS = 5


class _Bucket:
    """A server with one bucket; listens while it is entered.

    Attributes:
        folder: The bucket's objects.
        port: On 127.0.0.1.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self.folder = root / _BUCKET
        self.port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that lead a process to it: endpoint, key, plain HTTP."""
        return {
            "AWS_ENDPOINT_URL_S3": self.endpoint,
            "AWS_ACCESS_KEY_ID": KEY_NAME,
            "AWS_SECRET_ACCESS_KEY": KEY_SECRET,
            "AWS_REGION": "us-east-1",
            "CLOUDGAUGE_ALLOW_HTTP": "yes",
        }

    def url(self, place: str = "") -> str:
        """The URL of a store in it."""
        return f"s3://{_BUCKET}/{place}" if place else f"s3://{_BUCKET}"

    def command(self, port: int) -> list[str]:
        """What is started."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        for attempt in range(_ATTEMPTS):
            self.port = _free_port()
            self._process = subprocess.Popen(
                self.command(self.port),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            if self._listens():
                return self
            # Another process has taken the port meanwhile.
            self._end()
            if attempt == _ATTEMPTS - 1:
                break
        msg = f"{self.command(self.port)[0]} does not come up"
        raise AssertionError(msg)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def _listens(self) -> bool:
        assert self._process is not None
        end_s = time.monotonic() + _WAIT_S
        while time.monotonic() < end_s:
            if self._process.poll() is not None:
                return False
            with socket.socket() as sock:
                sock.settimeout(1)
                if sock.connect_ex(("127.0.0.1", self.port)) == 0:
                    return True
            time.sleep(0.05)
        return False

    def _end(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(timeout=60)


class LocalBucket(_Bucket):
    """localbucket: ``If-None-Match: *`` is honoured, keys are not looked at."""

    def command(self, port: int) -> list[str]:
        return [_beside_python("localbucket"), "--port", str(port), str(self._root)]


class SignedBucket(_Bucket):
    """``rclone serve s3``: signatures are checked, ``If-None-Match`` is ignored."""

    def command(self, port: int) -> list[str]:
        return [
            _beside_python("rclone"),
            "serve",
            "s3",
            "--config=",
            f"--auth-key={KEY_NAME},{KEY_SECRET}",
            f"--addr=127.0.0.1:{port}",
            "--vfs-cache-mode=off",
            str(self._root),
        ]


def _beside_python(name: str) -> str:
    return str(Path(sys.executable).parent / name)


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port
