"""nginx on loopback with one large object, over HTTP and over HTTPS."""

import contextlib
import datetime as dt
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cloudgauge.world.certificates import Authority

HOST = "localhost"
# One process serves: on a machine of two processors the other one reads.
_CONFIG = """\
worker_processes 1;
daemon off;
pid {folder}/pid;
error_log {folder}/errors;
events {{}}
http {{
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{http_port};
    listen 127.0.0.1:{https_port} ssl;
    ssl_certificate {folder}/leaf.pem;
    ssl_certificate_key {folder}/leaf.pem;
    ssl_protocols TLSv1.3;
    root {folder}/objects;
  }}
}}
"""
_PATIENCE_S = 10.0


class NoObjectHost(Exception):
    """nginx is not there, or does not start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectHost:
    """Where the object is.

    Attributes:
        ca_file: What its certificate is verified against.
        size_bytes: Of the object.
        version: What serves it.
    """

    http_port: int
    https_port: int
    ca_file: Path
    size_bytes: int
    version: str

    def url(self, scheme: str) -> str:
        """The object's URL, ``http`` or ``https``."""
        port = self.http_port if scheme == "http" else self.https_port
        return f"{scheme}://{HOST}:{port}/object"


@contextlib.contextmanager
def object_host(size_bytes: int) -> Iterator[ObjectHost]:
    """Serve an object of *size_bytes* zeros from memory while entered.

    Raises:
        NoObjectHost: There is no nginx, or it does not start.
    """
    program = shutil.which("nginx")
    if program is None:
        msg = "nginx is not installed"
        raise NoObjectHost(msg)
    shared = Path("/dev/shm")  # noqa: S108 - memory, where a system has it
    where = shared if shared.is_dir() else None
    with tempfile.TemporaryDirectory(dir=where) as name:
        folder = Path(name)
        folder.chmod(0o755)  # a server that was started as root reads as somebody
        ports = _free_port(), _free_port()
        _furnish(folder, ports, size_bytes)
        command = [program, "-c", str(folder / "config"), "-p", str(folder)]
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as server:
            try:
                _await(ports[0], folder)
                yield ObjectHost(
                    http_port=ports[0],
                    https_port=ports[1],
                    ca_file=folder / "root.pem",
                    size_bytes=size_bytes,
                    version=_version(program),
                )
            finally:
                server.terminate()


def _furnish(folder: Path, ports: tuple[int, int], size_bytes: int) -> None:
    authority = Authority("object host", dt.datetime.now(dt.UTC))
    (folder / "root.pem").write_bytes(authority.root_pem())
    (folder / "leaf.pem").write_bytes(authority.leaf_pem(HOST))
    (folder / "objects").mkdir()
    with (folder / "objects" / "object").open("wb") as file:
        file.truncate(size_bytes)
    config = _CONFIG.format(folder=folder, http_port=ports[0], https_port=ports[1])
    (folder / "config").write_text(config, encoding="utf-8")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _await(port: int, folder: Path) -> None:
    end_s = time.monotonic() + _PATIENCE_S
    while time.monotonic() < end_s:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        time.sleep(0.05)
    errors = folder / "errors"
    why = errors.read_text(encoding="utf-8") if errors.exists() else ""
    msg = f"nginx does not listen: {why.strip()}"
    raise NoObjectHost(msg)


def _version(program: str) -> str:
    told = subprocess.run([program, "-v"], check=True, capture_output=True, text=True)
    return told.stderr.strip().removeprefix("nginx version: ")
