"""``python -m gigacity_deploy``: the ``gigacity`` command, for child processes."""

from gigacity_deploy.main import main

main()
