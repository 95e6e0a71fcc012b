"""The typed client of our own API: what the command line and end-to-end tests speak through."""

from monitord.client.client import Client
from monitord.client.faults import ClientFault, DaemonUnreachable, Refused, WrongUse
from monitord.client.place import Place, control_socket, place_of

__all__ = [
    "Client",
    "ClientFault",
    "DaemonUnreachable",
    "Place",
    "Refused",
    "WrongUse",
    "control_socket",
    "place_of",
]
