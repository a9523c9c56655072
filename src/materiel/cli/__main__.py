"""So that `python -m materiel.cli` is the command line."""

from materiel.cli import main

main()
