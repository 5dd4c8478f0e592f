"""``python -m cloudgauge`` and the ``cloudgauge`` command."""

import os


def main() -> None:
    """Run the command line."""
    # Our matrices are small: shared out among threads, each product waits for the
    # slowest, on a busy machine fifty times as long as it takes.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from cloudgauge.cli.app import run  # noqa: PLC0415  the package imports light

    run()


if __name__ == "__main__":
    main()
