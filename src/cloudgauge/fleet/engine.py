"""The distributed engine as a fleet uses it: quiet, encrypted, without a dashboard."""

import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import dask
from distributed.security import Security

from cloudgauge.fleet.identity import CA_FILE, CERTIFICATE_FILE, KEY_FILE, Identity

# A line that is cut is known to be dead after so long, on both sides: both then begin
# anew, and a vantage that was cut off for half a minute is back within seconds.
# The engine asks for eleven at least.
LINE_TIMEOUT_S = 12
# A worker that says nothing for so long has no place any more.
WORKER_TTL_S = 30
_SETTINGS: dict[str, object] = {
    "distributed.comm.timeouts.connect": f"{LINE_TIMEOUT_S}s",
    "distributed.comm.timeouts.tcp": f"{LINE_TIMEOUT_S}s",
    # What may be gone for good is for us to say, not for a count of deaths.
    "distributed.scheduler.worker-ttl": f"{WORKER_TTL_S}s",
    "distributed.scheduler.work-stealing": False,
    "distributed.scheduler.active-memory-manager.start": False,
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
    # Events that the engine keeps for whoever may ask; nobody does.
    "distributed.admin.low-level-log-length": 100,
    "distributed.admin.log-length": 100,
}
_LOUD = ("distributed", "tornado", "bokeh")


@contextmanager
def engine_settings(*, verbose: bool) -> Iterator[None]:
    """Have the engine as a fleet needs it; its own log only if *verbose*."""
    level = logging.INFO if verbose else logging.CRITICAL + 1
    loud = [
        logging.getLogger(name)
        for name in sorted(logging.root.manager.loggerDict)
        if name.split(".", 1)[0] in _LOUD
    ]
    levels = [logger.level for logger in loud]
    with dask.config.set(_SETTINGS):
        try:
            for logger in loud:
                logger.setLevel(level)
            yield
        finally:
            for logger, before in zip(loud, levels, strict=True):
                logger.setLevel(before)


def security_of(identity: Identity) -> Security:
    """TLS with certificates on both sides, by the files of a member."""
    files = {
        "cert": str(identity.folder / CERTIFICATE_FILE),
        "key": str(identity.folder / KEY_FILE),
    }
    return Security(  # type: ignore[no-untyped-call]  # the library has no types
        require_encryption=True,
        tls_ca_file=str(identity.folder / CA_FILE),
        **{
            f"tls_{role}_{what}": path
            for role in ("scheduler", "worker", "client")
            for what, path in files.items()
        },
        tls_min_version=ssl.TLSVersion.TLSv1_3,
    )
