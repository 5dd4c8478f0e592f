"""``python -m cloudgauge`` and the ``cloudgauge`` command."""


def main() -> None:
    """Run the command line."""
    from cloudgauge.cli.app import run  # noqa: PLC0415  the package imports light

    run()


if __name__ == "__main__":
    main()
