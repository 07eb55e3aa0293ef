"""A `ports.Camera` on this machine: one photo when asked, by V4L2.

Law: the camera streams only while a photo is taken (its light is off otherwise, and its USB bandwidth free); the first
`warmup` frames are dropped, for exposure and white balance settle in them; a frame counts when every pixel of it decodes;
everything is given back whatever happens, and no wait outlives the deadline. Frames are personal: they are in no log.
"""

from __future__ import annotations

import errno
import os
import select
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from devices.camera import v4l2
from devices.camera.jpeg import FRAME_LIMIT, BadFrame, from_yuyv, whole
from devices.ports import DeviceError, Health, NotReady
from devices.transport import BadAddress, LineClosed, LineTimeout, deadline_in

SCHEME = "v4l2://"
BY_PATH = "v4l2:///dev/v4l/by-path/…-video-index0"
BROKEN = 10  # frames in a row that are no picture


class V4l2Camera:
    """`width` and `height` are wished for; the camera gives the nearest it has."""

    def __init__(self, where: str, *, width: int = 1280, height: int = 720, warmup: int = 5) -> None:
        self._where, self._size, self._warmup = where, (width, height), warmup
        self._fd = self._bell = -1
        self._picture = v4l2.Picture(0, 0, 0, 0, 0)
        self._lock = threading.Lock()
        self._in_use = self._closing = False

    def open(self) -> None:
        """Raises BadAddress, LineClosed when it is not there, NotReady when another program has it, DeviceError when it is no
        camera that gives JPEG or YUYV."""
        path = self._where.removeprefix(SCHEME)
        if not self._where.startswith(SCHEME) or not path.startswith("/"):
            raise BadAddress(self._where, "no path of a camera 不是摄像头路径", f"write {BY_PATH} 请按此格式填写")
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
            self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
            self._closing = False
            self._picture = self._agree()
        except OSError as error:
            self.close()
            raise self._meaning(error) from error
        except DeviceError:
            self.close()
            raise

    def close(self) -> None:
        """Free everything; a photo that is being taken in another thread ends with LineClosed. Twice is once."""
        with self._lock:
            self._closing = True
            if self._in_use:
                os.eventfd_write(self._bell, 1)
                return
            fds, self._fd, self._bell = (self._fd, self._bell), -1, -1
        for fd in fds:
            if fd >= 0:
                os.close(fd)

    def probe(self) -> Health:
        """Raises LineClosed once the camera is gone."""
        if self._fd < 0:
            return Health("absent", ("unplugged",), f"{self._where}: not open 未打开")
        with self._use():
            v4l2.captures(self._fd)
        return Health("ready")

    def photo(self, deadline_s: float) -> bytes:
        """One JPEG. Raises LineTimeout without frames, LineClosed when it is gone, NotReady when another program streams,
        DeviceError when its frames are broken."""
        end = deadline_in(deadline_s)
        with self._use():
            capture = v4l2.Capture(self._fd, FRAME_LIMIT)
            try:
                capture.start()
                return self._shoot(capture, end)
            finally:
                capture.stop()

    # --- below: inside _use ----------------------------------------------------------------------------------------

    @contextmanager
    def _use(self) -> Iterator[None]:
        with self._lock:
            if self._fd < 0 or self._closing:
                raise LineClosed(self._where, "not open 未打开", "open it first 请先打开")
            self._in_use = True
        try:
            yield
        except OSError as error:
            raise self._meaning(error) from error
        finally:
            with self._lock:
                self._in_use = False
            if self._closing:
                self.close()

    def _agree(self) -> v4l2.Picture:
        if not v4l2.captures(self._fd):
            raise DeviceError(
                f"{self._where}: this is no camera 不是摄像头; name its first node (…-video-index0) 请填写第一个节点"
            )
        for wanted in (v4l2.MJPG, v4l2.YUYV):
            got = v4l2.set_format(self._fd, *self._size, wanted)
            if got.format in (v4l2.MJPG, v4l2.JPEG, v4l2.YUYV):
                return got
        raise DeviceError(
            f"{self._where}: it gives only {v4l2.fourcc_name(got.format)} 只支持该格式; use a camera with MJPEG or YUYV "
            "请使用支持 MJPEG 或 YUYV 的摄像头"
        )

    def _shoot(self, capture: v4l2.Capture, end: float) -> bytes:
        seen = broken = 0
        why = ""
        while broken < BROKEN:
            self._await(end, why)
            try:
                frame = capture.take()
            except BlockingIOError:
                continue
            seen += 1
            if seen <= self._warmup:
                continue
            if not frame.broken:
                try:
                    return self._jpeg(frame.data)
                except BadFrame as error:
                    why = f": {error}"
            broken += 1
        raise DeviceError(
            f"{self._where}: {broken} broken frames in a row 连续收到损坏的画面{why}; "
            "use another cable or USB port, or a smaller picture 请更换线缆或接口，或减小分辨率"
        )

    def _jpeg(self, data: bytes) -> bytes:
        picture = self._picture
        if picture.format == v4l2.YUYV:
            return from_yuyv(data, picture.width, picture.height, picture.stride)
        return whole(data)

    def _await(self, end: float, why: str) -> None:
        poller = select.poll()
        poller.register(self._bell, select.POLLIN)
        poller.register(self._fd, select.POLLIN)
        found = dict(poller.poll(max(0.0, end - time.monotonic()) * 1000))
        if self._bell in found:
            raise LineClosed(self._where, "this end is closed 本端已关闭", "open it again 请重新打开")
        if not found:
            raise LineTimeout(
                self._where,
                f"no picture in time 未按时得到画面{why}",
                "plug the camera in again 请重新插拔摄像头",
            )

    def _meaning(self, error: OSError) -> DeviceError:
        if error.errno == errno.EBUSY:
            return NotReady(
                f"{self._where}: another program uses it 已被其他程序占用; "
                "stop that program, or name another camera 请停用它或换摄像头"
            )
        if error.errno in (errno.ENOTTY, errno.EINVAL):
            return DeviceError(
                f"{self._where}: this is no camera 不是摄像头 ({error}); name {BY_PATH} 请填写摄像头节点"
            )
        return LineClosed(
            self._where,
            f"it is not there 摄像头不在 ({error})",
            "check the cable, and that the station may use it (group video) 请检查线缆和权限（video 组）",
        )
