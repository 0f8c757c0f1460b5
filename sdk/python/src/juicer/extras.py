"""Packages that only some parts of the library need."""


class MissingExtra(ImportError):
    """A package is missing: install the extra that the message names."""

    def __init__(self, extra: str, package: str) -> None:
        super().__init__(f"This needs the package {package}: pip install 'juicer-pay[{extra}]'")
