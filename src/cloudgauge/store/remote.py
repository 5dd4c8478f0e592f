"""Stores: where result sets are kept for others, in a folder or in object storage.

`open_store` gives either by its URL. A set is pushed and pulled whole, verified by
hash, and never overwritten. Folders need nothing but the standard library.
"""

from dataclasses import replace
from pathlib import Path
from typing import Protocol

from cloudgauge.errors import ConfigError, MachineError
from cloudgauge.store.folder import CHECKSUMS
from cloudgauge.store.folder_store import FolderStore
from cloudgauge.store.manifest import Manifest
from cloudgauge.store.remote_access import Access, route_to
from cloudgauge.store.store_url import parse_store
from cloudgauge.store.stored_set import Limits, Pushed, StoredSet
from cloudgauge.store.taking_in import Told


class SetStore(Protocol):
    """Where result sets are kept, each in a folder of its name."""

    @property
    def url(self) -> str:
        """What names the store in messages; nothing secret is in it."""

    def listing(self) -> tuple[StoredSet, ...]:
        """The sets that are there, whole or not, in the order of their names."""

    def push(self, folder: Path, *, told: Told | None = None) -> Pushed:
        """Put a sealed set there under its folder's name.

        Raises:
            StoreError: It is not what was sealed, or a different set of its name is
                there.
            ConfigError: The store refuses, or the name does not do.
            MachineError: The store or this machine fails; the next attempt goes on
                from there.
        """

    def pull(
        self,
        name: str,
        into: Path,
        *,
        told: Told | None = None,
        limits: Limits | None = None,
    ) -> Path:
        """Bring a set into the folder *into*; gives its own folder there.

        Raises:
            StoreError: It is not whole, was changed, is too large, or a different
                set of its name is there.
            ConfigError: The store refuses.
            MachineError: The store or this machine fails; the next attempt goes on
                from there.
        """

    def manifest(self, name: str) -> Manifest:
        """What is known of one run's set but its samples.

        Raises:
            StoreError: It is not there, not whole, or a merged set.
        """

    def claim(self, name: str) -> str:
        """SHA-256 of a set's SHA256SUMS, which names all of its contents.

        Raises:
            StoreError: There is none.
        """

    def is_one_set(self) -> bool:
        """Whether the URL names a set, whole or not, and no store of sets."""


def open_store(url: str, access: Access | None = None) -> SetStore:
    """The store that a URL or the path of a folder names. Nothing is asked of it yet.

    Args:
        url: A folder, or ``file://``, ``s3://``, ``gs://``, ``az://``, ``oss://``,
            ``obs://`` or ``cos://`` with a bucket and perhaps a place in it.
        access: Where to look for keys and endpoints; what this process was started
            with if left out.

    Raises:
        ConfigError: It is no store's URL, or region or keys are not to be found.
        MachineError: The extra ``stores`` is not installed.
    """
    place = parse_store(url)
    if isinstance(place, Path):
        return FolderStore(folder=place)
    route = route_to(place, access or Access.of_process())
    try:
        # An extra, which folders do without.
        from cloudgauge.store.object_store import ObjectStore  # noqa: PLC0415
    except ModuleNotFoundError as exc:
        msg = (
            f"{place}: object storage needs {exc.name}, which is not installed: "
            "pip install 'cloudgauge[stores]'"
        )
        raise MachineError(msg) from exc
    return ObjectStore.reached_by(place, route)


def open_set(url: str, access: Access | None = None) -> tuple[SetStore, str | None]:
    """The store that a URL names, or the store and the name of the one set it names.

    Raises:
        ConfigError: As `open_store`; or a set lies at the top of a bucket.
        StoreError: A folder is not there.
        MachineError: The store cannot be reached.
    """
    place = parse_store(url)
    if isinstance(place, Path):
        if not (place / CHECKSUMS).is_file():
            return FolderStore(folder=place), None
        whole = place.resolve()
        return FolderStore(folder=whole.parent), whole.name
    store = open_store(url, access)
    if not store.is_one_set():
        return store, None
    above, _, name = place.prefix.rpartition("/")
    if not name:
        problem = "a result set lies at its top; move it into a folder of its name"
        raise ConfigError(str(place), problem)
    return open_store(str(replace(place, prefix=above)), access), name
