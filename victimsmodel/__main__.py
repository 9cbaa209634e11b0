"""``python -m victimsmodel`` is the command ``victimsmodel``."""

from victimsmodel.cli import main

main()
