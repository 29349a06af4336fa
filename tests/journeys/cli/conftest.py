"""The command line, for the journeys along it."""

from tests.fixtures.command_line import call, example, organisation

__all__ = ["call", "example", "organisation"]
