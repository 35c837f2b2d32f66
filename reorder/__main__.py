"""The program: ``dockerfile-fix``, which ``python -m reorder`` is as well."""

import sys
import traceback

from reorder.cli import main


def start() -> None:
    """Run the command line; a defect of ours ends it with 2, since Python's own 1 says that a change was found."""
    try:
        main(prog_name="dockerfile-fix")
    except Exception:
        traceback.print_exc()
        sys.stderr.write("dockerfile-fix: this is a defect of dockerfile-fix, and not of your files\n")
        sys.exit(2)


if __name__ == "__main__":
    start()
