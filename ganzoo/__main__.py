"""``python -m ganzoo`` is the command ``ganzoo``; torchrun starts it so."""

from ganzoo.cli import main

main()
