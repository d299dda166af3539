"""`python -m cli` is `tocsin`, for the processes that `tocsin run` starts."""

from cli import main

main()
