"""What all kinds share: the connector, its limits, the egress guard, TLS, and the shared HTTP client."""

from monitord.net.connector import Connection, Net, Stream
from monitord.net.egress import Guard, Reach

__all__ = ["Connection", "Guard", "Net", "Reach", "Stream"]
