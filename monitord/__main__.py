"""`python -m monitord`, and the `monitord` command."""

from monitord.cli import main

__all__ = ["main"]

if __name__ == "__main__":
    main()
