"""What a run that is alive has added to its journal since one last looked.

Read by another process of the same user, a little at a time: the one that probes need
not tell anybody what it has written down already. SQLite's log holds up no writer.
"""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from cloudgauge.errors import StoreError
from cloudgauge.store.folder import JOURNAL
from cloudgauge.store.schema import NAMES, Cell

# A batch: what a minute of fifty visits a second with five exchanges adds is less.
_MOST_ROWS = 20_000
_BUSY_S = 5.0
_SELECT = "SELECT rowid, record FROM sample WHERE rowid > ? ORDER BY rowid LIMIT ?"


class JournalTail:
    """The samples of one journal, from the first on, each once.

    Attributes:
        folder: Of the run.
        started_wall_ns: When the run started, UTC since 1970; 0 before a look.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started_wall_ns = 0
        self._last = 0

    def more(self) -> list[list[Cell]]:
        """Samples that were added, in the order of `schema.COLUMNS` but for the run.

        Returns:
            At most 20,000; none where there is no journal, any more or yet.

        Raises:
            StoreError: It cannot be read, or is not one of ours.
        """
        path = self.folder / JOURNAL
        if not path.is_file():
            return []
        try:
            # Opened each time: a connection would keep the log from being cleared.
            with closing(
                sqlite3.connect(
                    f"file:{quote(str(path.absolute()))}?mode=ro",
                    uri=True,
                    isolation_level=None,
                    timeout=_BUSY_S,
                )
            ) as connection:
                if not self._last:
                    self.started_wall_ns = _started_in(connection)
                rows = connection.execute(_SELECT, (self._last, _MOST_ROWS)).fetchall()
            made = [json.loads(record) for _, record in rows]
        except (sqlite3.Error, ValueError, KeyError, TypeError) as exc:
            if not path.is_file():
                # It was sealed between the look and the reading.
                return []
            raise StoreError(str(path), f"cannot be read: {exc}") from exc
        if rows:
            self._last = rows[-1][0]
        if any(len(cells) != len(NAMES) - 1 for cells in made):
            raise StoreError(str(path), "holds a record of another length")
        return made


def _started_in(connection: sqlite3.Connection) -> int:
    found = connection.execute("SELECT value FROM header WHERE key = 'run'").fetchone()
    return int(json.loads(found[0])["started_wall_ns"])
