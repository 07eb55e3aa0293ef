"""The kinds of camera."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from devices.camera.driver import BY_PATH, SCHEME, V4l2Camera
from devices.camera.multipart import BadStream, Stream
from devices.camera.network import MjpegCamera
from devices.camera.simulator import CameraSimulator
from devices.catalog import Kind, Samples, Site, Slip


class V4l2Options(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The camera gives the nearest to `width` × `height` it has; its first `warmup` frames are dropped."""

    width: int = 1280
    height: int = 720
    warmup: int = 5


class MjpegOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`path` of its MJPEG stream or of a single picture. `user`, `password`: Basic authentication."""

    path: str = "/"
    user: str = ""
    password: str = ""
    warmup: int = 1


def _v4l2(site: Site, options: V4l2Options) -> V4l2Camera:
    return V4l2Camera(site.where, width=options.width, height=options.height, warmup=options.warmup)


def _mjpeg(site: Site, options: MjpegOptions) -> MjpegCamera:
    return MjpegCamera(
        site.where,
        path=options.path,
        user=options.user,
        password=options.password,
        warmup=options.warmup,
        opener=site.opener,
    )


def _check_v4l2(site: Site, options: V4l2Options) -> Iterable[Slip]:
    path = Path(site.where.removeprefix(SCHEME))
    if path.parent == Path("/dev"):
        yield Slip(
            "where",
            f"“{site.where}” is another camera after the next start.",
            f"Name the port: {BY_PATH} (ls /dev/v4l/by-path).",
        )
    for key, value in (("width", options.width), ("height", options.height)):
        if not 16 <= value <= 8192:
            yield Slip(key, f"{value} is out of range.", "Use 16 to 8192 pixels.")
    yield from _warmup(options.warmup)


def _check_mjpeg(site: Site, options: MjpegOptions) -> Iterable[Slip]:
    if (
        not options.path.startswith("/")
        or not options.path.isascii()
        or not options.path.isprintable()
        or " " in options.path
    ):
        yield Slip(
            "path", f"“{options.path}” is no path of HTTP.", "Begin with / and escape what is not ASCII, like %20."
        )
    yield from _warmup(options.warmup)


def _warmup(warmup: int) -> Iterable[Slip]:
    if not 0 <= warmup <= 60:
        yield Slip("warmup", f"{warmup} is out of range.", "Use 0 to 60 frames.")


def _simulator(site: Site, options: MjpegOptions) -> CameraSimulator:
    return CameraSimulator(site.id, site.where, options.path)


def frames(data: bytes) -> list[bytes]:
    """All frames of a camera's whole answer. Raises BadStream."""
    stream = Stream()
    return stream.feed(data) + stream.ended()


_PART = b"--b\r\nContent-Type: image/jpeg\r\nContent-Length: 4\r\n\r\n\xff\xd8\xff\xd9\r\n"
_STREAM = b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary="
SAMPLES = Samples(
    (
        _STREAM + b"b\r\n\r\n" + _PART + _PART,
        _STREAM + b'"--b"\r\n\r\n--b\n\n\xff\xd8\xff\xd9\r\n--b\r\n\r\n',
        b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8\xff\xd9",
        b"HTTP/1.1 401 Unauthorized\r\n\r\n",
    ),
    frames,
    (BadStream,),
)

KINDS = (
    Kind(
        "camera",
        "v4l2",
        "USB 摄像头",
        "camera (V4L2)",
        _v4l2,
        schemes=(SCHEME,),
        options=V4l2Options,
        check=_check_v4l2,
    ),
    Kind(
        "camera",
        "mjpeg",
        "网络摄像头",
        "network camera (MJPEG over HTTP)",
        _mjpeg,
        schemes=("tcp://",),
        options=MjpegOptions,
        check=_check_mjpeg,
        simulator=_simulator,
        samples=(SAMPLES,),
    ),
)
