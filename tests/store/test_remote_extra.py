"""Folders are stores without the extra; buckets say what is lacking."""

import subprocess
import sys
from pathlib import Path

from tests.store.several import Run, keep_run

_WITHOUT = "import sys; sys.modules['obstore'] = None\n"


def in_process(code: str, *, without: bool) -> str:
    ended = subprocess.run(
        [sys.executable, "-c", (_WITHOUT if without else "") + code],
        check=True,
        capture_output=True,
        text=True,
        timeout=300,
        env={
            "AWS_ACCESS_KEY_ID": "n",
            "AWS_SECRET_ACCESS_KEY": "s",
            "HOME": "/nowhere",
        },
    )
    return ended.stdout


def test_a_folder_needs_no_client_of_object_storage(tmp_path: Path) -> None:
    made = keep_run(tmp_path / "results", Run())
    told = in_process(
        "from pathlib import Path\n"
        "from cloudgauge.store.remote import open_store\n"
        f"store = open_store({str(tmp_path / 'shared')!r})\n"
        f"store.push(Path({str(made)!r}))\n"
        f"print(store.pull({made.name!r}, Path({str(tmp_path / 'back')!r})).name)\n",
        without=True,
    )
    assert told.strip() == made.name


def test_a_bucket_without_the_extra_says_how_it_is_had() -> None:
    told = in_process(
        "from cloudgauge.errors import MachineError\n"
        "from cloudgauge.store.remote import open_store\n"
        "try: open_store('s3://bucket/camp')\n"
        "except MachineError as exc: print(exc)\n",
        without=True,
    )
    assert told.strip() == (
        "s3://bucket/camp: object storage needs obstore, which is not installed: "
        "pip install 'cloudgauge[stores]'"
    )


def test_help_and_the_reading_of_folders_load_no_client() -> None:
    told = in_process(
        "import sys, cloudgauge.cli.app, cloudgauge.workflow.sharing\n"
        "print({'obstore', 'pandas', 'numpy'} & set(sys.modules))",
        without=False,
    )
    assert told.strip() == "set()"
