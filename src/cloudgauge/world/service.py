"""The processes that make up a private network, as their keeper sees them."""

import contextlib
import subprocess
import sys
from pathlib import Path

from cloudgauge.errors import WorldError
from cloudgauge.world.description import READY

_STOP_WITHIN_S = 30.0


class Service:
    """A process of the world: says when it is ready, ends when its pipe closes.

    Attributes:
        role: ``line``, ``servers`` or ``fountain``.
    """

    def __init__(
        self,
        role: str,
        folder: Path,
        truth: Path,
        tun_fd: int | None = None,
        words: tuple[str, ...] = (),
    ) -> None:
        fds = () if tun_fd is None else (tun_fd,)
        arguments = [role, str(folder), str(truth), *map(str, fds), *words]
        self.role = role
        self._process = subprocess.Popen(
            [sys.executable, "-m", "cloudgauge.world", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=fds,
        )

    def go(self) -> None:
        """Tell it that it may use the network."""
        if self._process.stdin is not None:
            # One that has died says so by never being ready.
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(b"\n")
                self._process.stdin.flush()

    def wait_until_ready(self) -> bytes:
        """What it said before it was ready.

        Raises:
            WorldError: It ended before it was ready; the reason is on stderr.
        """
        lines: list[bytes] = []
        out = self._process.stdout
        while out is not None and (line := out.readline()):
            if line == READY:
                return b"".join(lines)
            lines.append(line)
        reason = b"".join(lines).decode(errors="replace").strip()
        msg = (
            f"the private network's {self.role} did not start: {reason or 'see above'}"
        )
        raise WorldError(msg)

    def obituary(self, end: str) -> str:
        """How it came to its end, with its last words; it must have ended."""
        out = self._process.stdout
        words = out.read().decode(errors="replace").strip() if out else ""
        return f"the private network's {self.role} {end}" + (words and f": {words}")

    @property
    def has_died(self) -> bool:
        """Whether it ended although nobody asked it to."""
        return self._process.poll() is not None

    def __enter__(self) -> "Service":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # The end of the pipe asks it to write its log and go.
        with self._process:
            if self._process.stdin is not None:
                self._process.stdin.close()
            try:
                self._process.wait(_STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            # An error that is on its way already is the cause of this one.
            if self._process.returncode and kind is None:
                raise WorldError(self.obituary("did not keep its log to the end"))
