"""What a station with a technician's API says (JSON): one box with twelve devices, and a wizard of eight steps."""

from __future__ import annotations

from typing import Any

NOON_MS = 1_795_311_660_000


def _l(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def device(id: str, klass: str, state: str = "ready", *, tests: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    return {
        "id": id, "class": klass, "driver": "escpos", "where": "tcp://127.0.0.1:9100", "state": state, "reasons": [],
        "detail": "", "since": NOON_MS - 3_900_000, "ready_s": 3000.0, "busy_s": 12.0, "fault_s": 0.0, "lost": 0,
        "tests": list(tests), **more,
    }  # fmt: skip


DEVICES = [
    device(
        "printer", "printer", "degraded", tests=("print",), reasons=["paper_low", "cover_open"], lost=2, fault_s=185.0,
        detail="XP-80C, firmware 2.31",
    ),
    device("hall", "sign", tests=("show",), driver="frames", where="/dev/ttyS1"),
    device("voice", "voice", tests=("speak",), driver="clips", where="audio:default"),
    device("keypad", "keypad", tests=("press", "show"), driver="frames", where="bus:rs485"),
    device("rating", "rating", tests=("rate",), driver="frames", where="bus:rs485"),
    device("scanner", "scanner", tests=("scan",), driver="serial", where="/dev/serial/by-path/pci-0000:00:14.0-usb-0:2"),
    device("idcard", "idcard", "backoff", tests=("read",), driver="sdt", where="/dev/ttyUSB3", reasons=["silent"]),
    device("camera", "camera", tests=("photo",), driver="v4l2", where="/dev/video0"),
    device("door", "contact", tests=("press",), driver="gpio", where="gpiochip0:17"),
    device("rs485", "bus", driver="serial", where="/dev/ttyUSB0"),
    device("printer2", "printer", "absent", tests=("print",), reasons=["unplugged"]),
    device("future", "hologram", "fault", reasons=["out_of_light"]),
]  # fmt: skip

LOG = [
    f"{12 + n * 0.37:.3f} {'<' if n % 3 else '>'} 1B 40 1D 61 {n:02X} 10 04 01 00 00 1B 74 00 C4 FA BA C3"
    for n in range(60)
]

ANSWERS: dict[str, Any] = {
    "/tech/devices": {"devices": DEVICES},
    "/tech/devices/printer/log": {"lines": LOG},
    "/tech/ports": {
        "ports": [
            {"where": "/dev/ttyUSB0", "name": "CH340, 1-2", "taken_by": "rs485"},
            {"where": "/dev/ttyUSB1", "name": "FT232R, 1-3", "taken_by": None},
            {"where": "/dev/ttyS1", "name": "", "taken_by": "hall"},
        ]
    },
    "/tech/detect": {
        "found": [
            {
                "class": "printer", "driver": "escpos", "where": "/dev/ttyUSB1", "options": {},
                "why": _l("应答 DLE EOT 1：16，缺纸传感器正常", "answered DLE EOT 1 with 16, as ESC/POS printers do"),
            }
        ],
        "log": LOG[:12],
    },
    "/tech/network": {
        "host": "hall-s1",
        "lan": "192.168.1.20",
        "addresses": [
            {"interface": "eth0", "address": "192.168.1.20"}, {"interface": "wlan0", "address": "10.20.30.40"},
        ],
        "central": {"url": "http://127.0.0.1:8700", "reachable": True, "ms": 3.2, "why": None},
    },
    "/tech/doctor": {
        "checks": [
            {"id": "config", "state": "ok", "what": _l("配置读取正常", "The settings are readable"), "remedy": None},
            {
                "id": "disk", "state": "fail", "what": _l("磁盘只剩 1.2 GB，低于 2 GB", "Only 1.2 GB of disk are left"),
                "remedy": _l(
                    "请删除 /var/log 里的旧日志，或换更大的磁盘，然后重启站点程序。",
                    "Delete old logs below /var/log or fit a larger disk, then restart the station.",
                ),
            },
            {
                "id": "clock", "state": "warn", "what": _l("时钟没有对时", "The clock is not synchronised"),
                "remedy": _l("请启用 NTP。", "Turn NTP on."),
            },
            *(
                {"id": f"ok{n}", "state": "ok", "what": _l(f"第 {n} 项检查正常", f"Check {n} is fine"), "remedy": None}
                for n in range(14)
            ),
        ]
    },
    "/tech/config": {
        "files": [
            {"file": "station.toml", "origin": "box", "text": "[station]\nid = \"S1\"\nlisten = \"0.0.0.0:8600\"\n" * 12},
            {"file": "hall.toml", "origin": "central", "text": "[hall]\n"},
            {"file": "devices.toml", "origin": "base", "text": "[[device]]\n"},
            {"file": "counters.toml", "origin": "signed", "text": "[[counter]]\n"},
        ],
        "trial": None,
    },
    "/tech/calibration": {"matrix": None},
}  # fmt: skip


# --- the wizard ------------------------------------------------------------------------------------------------------


def field(id: str, kind: str, zh: str, en: str, default: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "id": id, "kind": kind, "title": _l(zh, en), "help": _l("", ""), "default": default, "required": False,
        "choices": [], "secret": False, "min": 0, "max": 0, **more,
    }  # fmt: skip


def choices(*pairs: tuple[str, str, str]) -> list[dict[str, str]]:
    return [{"id": id, "zh": zh, "en": en} for id, zh, en in pairs]


RESULT = choices(
    ("yes", "正常", "It works"), ("no", "不对", "Wrong"), ("again", "再试一次", "Again"), ("skip", "跳过", "Skip")
)

STEPS: dict[str, dict[str, Any]] = {
    "hall": {
        "title": _l("大厅", "The hall"), "help": _l("名称会印在小票和屏幕上。", "Its name is printed on tickets and shown."),
        "fields": [
            field("name_zh", "text", "中文名称", "Chinese name", "供电服务大厅", required=True, min=1, max=30),
            field("name_en", "text", "英文名称", "English name", "Power Service Hall", required=True, min=1, max=40),
            field("counters", "number", "窗口数", "Counters", "4", required=True, min=1, max=2),
            field("kind", "choice", "类型", "Kind", "power", choices=choices(
                ("power", "供电", "Power"), ("tax", "税务", "Tax"), ("bank", "银行", "Bank"), ("other", "其他", "Other"),
            )),
        ],
    },
    "station": {
        "title": _l("本机", "This box"), "help": _l("", ""),
        "fields": [field("id", "text", "编号", "Name", "S1", required=True, min=1, max=8)],
    },
    "network": {
        "title": _l("网络", "Network"), "help": _l("局域网里的窗口和大屏通过它访问本机。", "Counters and boards reach it there."),
        "notes": [{"state": "ok", "zh": "eth0 192.168.1.20", "en": "eth0 192.168.1.20"}],
        "fields": [field("lan", "confirm", "允许局域网访问", "Let the LAN in", True)],
    },
    "pairing": {
        "title": _l("与中心配对", "Pairing with central"), "help": _l("配对码在中心的页面上。", "The code is on central's page."),
        "fields": [
            field("url", "text", "中心地址", "Central", "http://127.0.0.1:8700", required=True, max=64, offers=[
                "https://", "http://", "192.168.10.1", "192.168.10.", ".corp.example.cn", ":8700"
            ]),
            field("code", "number", "配对码", "Code", "", required=True, min=8, max=8),
        ],
    },
    "pins": {
        "title": _l("口令", "PINs"), "help": _l("", ""),
        "fields": [
            field(f"{role}", "number", zh, en, "", required=True, secret=True, min=4, max=8)
            for role, zh, en in (("counter", "窗口口令", "Counter PIN"), ("guide", "引导员口令", "Guide PIN"),
                                 ("tech", "技术口令", "Technician's PIN"))
        ],
    },
    "devices": {
        "title": _l("找到的设备", "Devices found"), "help": _l("不要的请取消勾选。", "Untick what is not wanted."),
        "notes": [
            {"state": "ok", "zh": "打印机 /dev/ttyUSB1 应答正确", "en": "Printer at /dev/ttyUSB1 answers"},
            {"state": "warn", "zh": "/dev/ttyUSB2 没有应答", "en": "/dev/ttyUSB2 is silent"},
            {"state": "info", "zh": "共查看 5 个端口", "en": "5 ports were looked at"},
        ],
        "fields": [field(f"d{n}", "confirm", f"设备 {n}", f"Device {n}", True) for n in range(8)],
    },
    "try:printer": {
        "title": _l("测试：热敏打印机 printer", "Test: thermal printer printer"),
        "help": _l(
            "线路 …-usb-0:1.4:1.0-port0。请看设备，再回答。", "It stands at …-usb-0:1.4:1.0-port0. Look at it, then answer."
        ),
        "notes": [{"state": "ok", "zh": "打印机报告成功", "en": "The printer reports success"}],
        "fields": [field("result", "choice", "好了吗？", "Did it work?", "", choices=RESULT)],
    },
    "touch": {
        "title": _l("触摸校准", "Touch"), "help": _l("点不准时才需要。", "Only needed where touches miss."),
        "fields": [field("touch", "points", "触摸", "Touch")],
    },
    "ticket": {
        "title": _l("试叫号", "A test ticket"),
        "help": _l("取一个号、叫到窗口、打印出来。", "A number is taken, called to a counter and printed."),
        "notes": [{"state": "ok", "zh": "A001 已打印、已叫号。", "en": "A001 was printed and called."}],
        "fields": [field("result", "choice", "票和叫号都对吗？", "Are both right?", "", choices=RESULT)],
    },
    "done": {
        "title": _l("开通完成", "In service"), "help": _l("验收单已打印。", "The acceptance sheet is printed."),
        "notes": [
            {"state": "warn", "zh": "测试：6 台通过，共 8 台。", "en": "Tested: 6 of 8 devices passed."},
            {"state": "warn", "zh": "跳过没有测：keypads, scanner。以后可在“设备”页测试。",
             "en": "Skipped: keypads, scanner. The page of devices tests them later."},
            {"state": "fail", "zh": "此刻 printer：没有纸了。办法：请换纸",
             "en": "Now printer: out of paper. Remedy: put in a new roll"},
            {"state": "fail", "zh": "此刻 signs：能用，有问题。办法：请看电源和连线",
             "en": "Now signs: works, with a problem. Remedy: look at its power and cable"},
            {"state": "info", "zh": "验收单也存在本机的数据目录（acceptance.json）。",
             "en": "The acceptance is also kept on this box (acceptance.json)."},
        ],
        "fields": [],
    },
}  # fmt: skip
WIZARD_STEPS = tuple(STEPS)


def wizard(now: str, done: tuple[str, ...] | None = None) -> dict[str, Any]:
    """GET /tech/wizard at that step."""
    order = WIZARD_STEPS
    at = order.index(now)
    done = order[:at] if done is None else done
    steps = []
    for n, id in enumerate(order):
        told = STEPS[id]
        current = id == now
        steps.append(
            {
                "id": id, "state": "now" if current else "done" if n < at else "todo", "title": told["title"],
                "help": told["help"], "notes": told.get("notes", []) if current else [],
                "fields": told["fields"] if current else [], "button": _l("下一步", "Next"), "back": 0 < n < len(order) - 1,
            }
        )  # fmt: skip
    return {"step": now, "restarting": False, "done": list(done), "answers": {}, "steps": steps}
