"""What a program reads before it talks to the network, whatever it fetches."""

from __future__ import annotations

from reorder.effects import PathSet
from reorder.manager import UNKNOWN

NETWORK_READS = PathSet.of(
    "/etc/hosts", "/etc/host.conf", "/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/services",
    trees=("/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/etc/crypto-policies", "/etc/gnutls", "/usr/lib/ssl",
           "/usr/local/ssl", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates"),
)  # fmt: skip
"""The resolver's files (nsswitch.conf(5)), and where TLS libraries look for certificates (openssl(1))."""


def last_segment(url: str) -> str:
    """The file name that a URL ends in, without query and fragment; a glob if its beginning is not known."""
    _, slash, name = url.partition("#")[0].partition("?")[0].partition("://")[2].rpartition("/")
    if not slash:
        return ""
    return "*" + name.lstrip(UNKNOWN) if name.startswith(UNKNOWN) else name
