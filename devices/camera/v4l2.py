"""The kernel's side of a camera: the few structs and ioctls of V4L2 that one photo needs (Linux uapi/linux/videodev2.h).

Nothing here knows of deadlines or photos; an OSError of the kernel goes through as it is. `Capture` streams between `start`
and `stop`: memory of the frames is the kernel's, mapped, and given back by `stop`.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import mmap
from ctypes import c_int32, c_uint8, c_uint32
from dataclasses import dataclass

BUFFERS = 4
CAPTURE, MMAP, FIELD_ANY = 1, 1, 0  # v4l2_buf_type, v4l2_memory, v4l2_field
CAN_CAPTURE, CAN_STREAM, HAS_DEVICE_CAPS = 0x1, 0x04000000, 0x80000000
FLAG_ERROR = 0x40  # V4L2_BUF_FLAG_ERROR: the frame may be broken


def fourcc(name: str) -> int:
    return int.from_bytes(name.encode("ascii"), "little")


def fourcc_name(code: int) -> str:
    return "".join(chr(byte) if 0x20 < byte < 0x7F else "?" for byte in code.to_bytes(4, "little"))


MJPG, JPEG, YUYV = fourcc("MJPG"), fourcc("JPEG"), fourcc("YUYV")


class Capability(ctypes.Structure):
    _fields_ = (
        ("driver", c_uint8 * 16),
        ("card", c_uint8 * 32),
        ("bus_info", c_uint8 * 32),
        ("version", c_uint32),
        ("capabilities", c_uint32),
        ("device_caps", c_uint32),
        ("reserved", c_uint32 * 3),
    )


class PixFormat(ctypes.Structure):
    _fields_ = (
        ("width", c_uint32),
        ("height", c_uint32),
        ("pixelformat", c_uint32),
        ("field", c_uint32),
        ("bytesperline", c_uint32),
        ("sizeimage", c_uint32),
        ("colour", c_uint32 * 6),
    )


class _FormatUnion(ctypes.Union):
    # The kernel's union also holds pointers, which decides its alignment.
    _fields_ = (("pix", PixFormat), ("raw", c_uint8 * 200), ("align", ctypes.c_void_p))


class Format(ctypes.Structure):
    _fields_ = (("type", c_uint32), ("fmt", _FormatUnion))


class RequestBuffers(ctypes.Structure):
    _fields_ = (("count", c_uint32), ("type", c_uint32), ("memory", c_uint32), ("rest", c_uint32 * 2))


class _Timeval(ctypes.Structure):
    _fields_ = (("sec", ctypes.c_long), ("usec", ctypes.c_long))


class _Memory(ctypes.Union):
    _fields_ = (("offset", c_uint32), ("userptr", ctypes.c_ulong))


class Buffer(ctypes.Structure):
    _fields_ = (
        ("index", c_uint32),
        ("type", c_uint32),
        ("bytesused", c_uint32),
        ("flags", c_uint32),
        ("field", c_uint32),
        ("timestamp", _Timeval),
        ("timecode", c_uint32 * 4),
        ("sequence", c_uint32),
        ("memory", c_uint32),
        ("m", _Memory),
        ("length", c_uint32),
        ("reserved2", c_uint32),
        ("request_fd", c_int32),
    )


def _ioc(direction: int, number: int, size: int) -> int:
    return direction << 30 | size << 16 | ord("V") << 8 | number


READ, WRITE = 2, 1
VIDIOC_QUERYCAP = _ioc(READ, 0, ctypes.sizeof(Capability))
VIDIOC_S_FMT = _ioc(READ | WRITE, 5, ctypes.sizeof(Format))
VIDIOC_REQBUFS = _ioc(READ | WRITE, 8, ctypes.sizeof(RequestBuffers))
VIDIOC_QUERYBUF = _ioc(READ | WRITE, 9, ctypes.sizeof(Buffer))
VIDIOC_QBUF = _ioc(READ | WRITE, 15, ctypes.sizeof(Buffer))
VIDIOC_DQBUF = _ioc(READ | WRITE, 17, ctypes.sizeof(Buffer))
VIDIOC_STREAMON = _ioc(WRITE, 18, ctypes.sizeof(ctypes.c_int))
VIDIOC_STREAMOFF = _ioc(WRITE, 19, ctypes.sizeof(ctypes.c_int))


@dataclass(frozen=True, slots=True)
class Picture:
    """What the camera agreed to give. `stride` is bytes a row, of packed formats."""

    format: int
    width: int
    height: int
    stride: int
    size: int


@dataclass(frozen=True, slots=True)
class Frame:
    data: bytes
    broken: bool


def captures(fd: int) -> bool:
    """Whether this is a camera that streams (a camera has other nodes as well, for its metadata)."""
    about = Capability()
    fcntl.ioctl(fd, VIDIOC_QUERYCAP, about)
    caps = about.device_caps if about.capabilities & HAS_DEVICE_CAPS else about.capabilities
    return bool(caps & CAN_CAPTURE) and bool(caps & CAN_STREAM)


def set_format(fd: int, width: int, height: int, wanted: int) -> Picture:
    """Ask for a format and size; the camera answers with the nearest it has."""
    ask = Format(type=CAPTURE)
    pix = ask.fmt.pix
    pix.width, pix.height, pix.pixelformat, pix.field = width, height, wanted, FIELD_ANY
    fcntl.ioctl(fd, VIDIOC_S_FMT, ask)
    return Picture(pix.pixelformat, pix.width, pix.height, pix.bytesperline, pix.sizeimage)


class Capture:
    """Frames between `start` and `stop`; `limit` bounds the bytes of one."""

    def __init__(self, fd: int, limit: int) -> None:
        self._fd, self._limit = fd, limit
        self._maps: list[mmap.mmap] = []
        self._on = False

    def start(self) -> None:
        """Raises OSError: EBUSY when another program streams; EFBIG for frames beyond the limit."""
        request = RequestBuffers(count=BUFFERS, type=CAPTURE, memory=MMAP)
        fcntl.ioctl(self._fd, VIDIOC_REQBUFS, request)
        for index in range(min(request.count, 2 * BUFFERS)):
            buffer = Buffer(index=index, type=CAPTURE, memory=MMAP)
            fcntl.ioctl(self._fd, VIDIOC_QUERYBUF, buffer)
            if not 0 < buffer.length <= self._limit:
                raise OSError(errno.EFBIG, f"frames of {buffer.length} bytes")
            self._maps.append(mmap.mmap(self._fd, buffer.length, offset=buffer.m.offset))
            fcntl.ioctl(self._fd, VIDIOC_QBUF, buffer)
        fcntl.ioctl(self._fd, VIDIOC_STREAMON, ctypes.c_int(CAPTURE))
        self._on = True

    def take(self) -> Frame:
        """The oldest frame, whose memory is given back at once. Raises BlockingIOError when there is none yet."""
        buffer = Buffer(type=CAPTURE, memory=MMAP)
        fcntl.ioctl(self._fd, VIDIOC_DQBUF, buffer)
        if buffer.index >= len(self._maps):
            raise OSError(errno.EIO, f"buffer {buffer.index} of {len(self._maps)}")
        data = self._maps[buffer.index][: buffer.bytesused]
        broken = bool(buffer.flags & FLAG_ERROR) or buffer.bytesused == 0
        fcntl.ioctl(self._fd, VIDIOC_QBUF, buffer)
        return Frame(data, broken)

    def stop(self) -> None:
        """Give everything back. A camera that is gone refuses, and has nothing left to give; one that refuses without reason
        shows by the next start, which is EBUSY."""
        if self._on:
            self._try(VIDIOC_STREAMOFF, ctypes.c_int(CAPTURE))
            self._on = False
        for mapped in self._maps:
            mapped.close()
        self._maps.clear()
        self._try(VIDIOC_REQBUFS, RequestBuffers(count=0, type=CAPTURE, memory=MMAP))

    def _try(self, command: int, argument: ctypes.c_int | RequestBuffers) -> None:
        with contextlib.suppress(OSError):
            fcntl.ioctl(self._fd, command, argument)
