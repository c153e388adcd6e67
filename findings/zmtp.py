"""Shared by the findings: the few bytes of ZMTP 3.1 that a peer by hand needs."""
import struct


def greeting(minor=1):
    """The 64 bytes of a greeting with the mechanism NULL (RFC 37)."""
    signature = b"\xff" + bytes(8) + b"\x7f"
    mechanism = b"NULL".ljust(20, b"\0")
    return signature + bytes([3, minor]) + mechanism + b"\0" + bytes(31)


def command(name, data=b""):
    """A short command frame."""
    body = bytes([len(name)]) + name + data
    return bytes([4, len(body)]) + body


def ready(socket_type):
    """The READY command of a peer of this type."""
    properties = {b"Socket-Type": socket_type, b"Identity": b""}
    return command(b"READY", b"".join(
        bytes([len(key)]) + key + struct.pack(">I", len(value)) + value
        for key, value in properties.items()))
