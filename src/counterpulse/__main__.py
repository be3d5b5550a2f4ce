"""`python -m counterpulse` is the command `counterpulse`."""

from counterpulse.cli import main

if __name__ == "__main__":
    main()
