"""``python -m reorder`` is ``dockerfile-fix``."""

from reorder.cli import main

main(prog_name="dockerfile-fix")
