"""`python -m nhi` is `nhi`."""

from nhi.cli.main import main

main()
