"""The Chinese of every mistake of a configuration, by its English template.

Who finds a mistake (a rule here, a kind of device, a driver of another package) says it in English; what is said is looked up
here by its template, as gettext does it, so that nobody who writes a rule carries two languages through it. `{}` in a template
stands for any text; its Chinese names it `{0}`, or `{0:t}` when that text is looked up too. What has no Chinese stays English.
"""

from __future__ import annotations

import re
from functools import cache

from kiosk.config.words_devices import DEVICES
from kiosk.domain import tongue
from kiosk.domain.facts import Lines

OWN: dict[str, str] = {
    # files
    "the file is missing.": "文件不存在。",
    "Copy it from the demo's config/ folder.": "请从示例的 config/ 目录复制。",
    "is not UTF-8 ({} at byte {}).": "不是 UTF-8 编码（第 {1} 字节：{0}）。",
    "Save it as UTF-8.": "请存为 UTF-8。",
    "cannot be read ({}).": "无法读取（{0}）。",
    "Mend its permissions.": "请修正它的权限。",
    "is not TOML: {}.": "不是正确的 TOML：{0:t}。",
    "Mend the syntax there.": "请改正该处语法。",
    "is not a file of the configuration.": "不是配置文件。",
    "Known: {}.": "可用：{0}。",
    "has {} bytes.": "有 {0} 字节。",
    "At most {} are taken.": "最多 {0} 字节。",
    "the box's own configuration": "本机自己的配置",
    "a new command cannot come this way.": "不能由此写入新的命令（command）。",
    "Write it into the base folder (--config), or sign it with a key that the base's station.toml names.": (
        "请写入基础目录（--config），或用基础目录 station.toml 里的密钥签名。"
    ),
    "cannot be read or is damaged ({}). Remove it: the base alone counts then; the sets stay beside it.": (
        "无法读取或已损坏（{0}）。请删除它：之后只用基础配置，各套配置仍在旁边。"
    ),
    "cannot be read ({}). {}": "无法读取（{0}）。{1:t}",
    "is not what was put in force: changed by hand, or damaged. {}": "与写入时不同：被手工改动或已损坏。{0:t}",
    "Put changes in force with `kiosk config try`; `kiosk config rollback --last` goes back to the set before.": (
        "改配置请用 kiosk config try；kiosk config rollback --last 恢复上一份。"
    ),
    # types
    "must be a table, not {}.": "必须是表，不能是 {0}。",
    "Write it as [table] or { … }.": "请写成 [表] 或 { … }。",
    "must be a list, not {}.": "必须是列表，不能是 {0}。",
    "Write it as [[table]] or [ … ].": "请写成 [[表]] 或 [ … ]。",
    "is not a known key.": "没有这个键。",
    "Did you mean “{}”?": "是否想写“{0}”？",
    "Known here: {}.": "这里可用：{0}。",
    "“{}” is missing.": "缺少“{0}”。",
    "Add {} = … here.": "请在这里加上 {0} = …。",
    "{} does not fit: {}.": "{0} 不合要求：{1:t}。",
    "Mend the value.": "请改正该值。",
    "Expected `{}`, got `{}`": "应为 {0:t}，实为 {1:t}",
    "Expected `{}`, got `{}` - at `{}`": "应为 {0:t}，实为 {1:t}（在 {2}）",
    "Expected `{}` >= {}": "应为不小于 {1} 的{0:t}",
    "Expected `{}` <= {}": "应为不大于 {1} 的{0:t}",
    "Expected `{}` of length >= {}": "应为长度不少于 {1} 的{0:t}",
    "Expected `{}` of length <= {}": "应为长度不超过 {1} 的{0:t}",
    "Expected `{}` matching regex {}": "应为符合 {1} 的{0:t}",
    "Invalid enum value {}": "没有 {0} 这个选项",
    "{} - at `{}`": "{0:t}（在 {1}）",
    "str": "文字",
    "int": "整数",
    "float": "数",
    "bool": "true 或 false",
    "array": "列表",
    "object": "表",
    "null": "空",
    "str | null": "文字",
    "int | null": "整数",
    "float | null": "数",
    # meaning
    "“{}” is used twice.": "“{0}”用了两次。",
    "Give each its own id.": "请给每项不同的 id。",
    "there is no {} “{}”.": "没有{0:t}“{1}”。",
    "Use one of: {}.": "可用：{0}。",
    "class": "人群类别",
    "class of device": "设备类别",
    "triage node": "分诊节点",
    "node": "节点",
    "service": "业务",
    "sign device": "叫号屏设备",
    "bus": "总线",
    "printer": "打印机",
    "counter": "窗口",
    "counter's zone": "窗口所在的区（zone）",
    "driver for a {}": "用于 {0} 的驱动",
    "{} is out of range.": "{0} 超出范围。",
    "Use {} to {}.": "请用 {0} 到 {1}。",
    "{} classes are asked for.": "有 {0} 个类别要询问。",
    "At most 6 fit on the screen.": "屏幕上最多放 6 个。",
    "there are {} services.": "有 {0} 项业务。",
    "The home page holds 1 to 6.": "首页放 1 到 6 项。",
    "“{}” is not a series.": "“{0}”不能作号段。",
    "Use one or two capital letters, A to Z.": "请用一或两个大写字母 A 到 Z。",
    "“{}” is used by {} too.": "“{0}”已由 {1} 使用。",
    "Give each service its own letter.": "请给每项业务不同的字母。",
    "no counter serves “{}”.": "没有窗口办理“{0}”。",
    "Add it to a counter's serves in counters.toml.": "请在 counters.toml 某个窗口的 serves 里加上它。",
    "“{}” has no address.": "“{0}”没有地址。",
    "Write device:address, like signs:3.": "请写成 设备:地址，如 signs:3。",
    "the line is used by {} too.": "该线路已由 {0} 使用。",
    "Two devices never share a line; several on one RS-485 line stand on a bus.": (
        "两台设备不能共用一条线路；同一 RS-485 线上的多台设备请挂在总线（bus）上。"
    ),
    "“{}” is not an address.": "“{0}”不是地址。",
    "Write host:port, like 127.0.0.1:8600.": "请写成 主机:端口，如 127.0.0.1:8600。",
    "“{}” is not a name.": "“{0}”不能作名称。",
    "Use up to 16 letters and digits.": "请用最多 16 个字母和数字。",
    "Begin with https:// (http:// on loopback).": "请以 https:// 开头（本机可用 http://）。",
    "“{}” is not a public key.": "“{0}”不是公钥。",
    "Copy the line that `kiosk config keygen` printed.": "请复制 kiosk config keygen 输出的那一行。",
    "is not an argon2id hash.": "不是 argon2id 散列。",
    "Make one with `kiosk pin`.": "请用 kiosk pin 生成。",
    "“{}” has {} choices.": "“{0}”有 {1} 个选项。",
    "A question has 2 to 6.": "一个问题有 2 到 6 个选项。",
    "a {} ends the triage and has no choices.": "{0} 节点结束分诊，不能有选项。",
    "Remove them, or make it a question.": "请去掉选项，或改为 question。",
    "“{}” names no papers.": "“{0}”没有列出材料。",
    "Add papers = [ … ].": "请加上 papers = [ … ]。",
    "“{}” does not say what to do.": "“{0}”没有说明怎么做。",
    "Add body = { zh = …, en = … }.": "请加上 body = { zh = …, en = … }。",
    "the questions go round: {}.": "问题成了循环：{0}。",
    "Lead on to an end.": "请让它通向一个终点。",
    "“{}” is not a line of {}.": "“{0}”不是 {1} 可用的线路。",
    "Begin with {}.": "请以 {0} 开头。",
    "{} could not check it ({}: {}).": "{0} 检查时出错（{1}：{2}）。",
    "Mend the driver, or use another.": "请修正该驱动，或换一个。",
    # what Python's TOML reader says
    "{} (at line {}, column {})": "{0:t}（第 {1} 行第 {2} 列）",
    "{} (at end of document)": "{0:t}（文件末尾）",
    "Invalid statement": "语句不对",
    "Expected newline or end of document after a statement": "语句之后应换行",
    "Expected '=' after a key in a key/value pair": "键之后应有 =",
    "Expected ']' at the end of a table declaration": "表头末尾应有 ]",
    "Expected ']]' at the end of an array declaration": "表头末尾应有 ]]",
    "Expected {}": "应有 {0}",
    "Invalid initial character for a key part": "键的第一个字符不对",
    "Invalid value": "值不对",
    "Invalid hex value": "十六进制值不对",
    "Invalid date or datetime": "日期或时间不对",
    "Unclosed array": "列表没有结束（缺 ]）",
    "Unclosed inline table": "行内表没有结束（缺 }）",
    "Unterminated string": "文字没有结束（缺引号）",
    "Unescaped '\\' in a string": "文字里的 \\ 没有转义",
    "Escaped character is not a Unicode scalar value": "转义不是有效的 Unicode 字符",
    "Illegal character {}": "不允许的字符 {0}",
    "Found invalid character {}": "不允许的字符 {0}",
    "Cannot declare {} twice": "{0} 声明了两次",
    "Cannot overwrite a value": "该键已经有值",
    "Cannot redefine namespace {}": "{0} 已经定义过",
    "Cannot mutate immutable namespace {}": "{0} 已写成行内表，不能再加",
    "Duplicate inline table key {}": "行内表的键 {0} 写了两次",
}


class _Said(str):
    """What stood in the place of a `{}`; the format `t` looks it up too."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        return (spec == "t" and chinese(self)) or str(self)


def both(english: str) -> Lines:
    """A mistake, or what to do about it, for people. Without Chinese here it may say everything twice, as drivers do; else the
    English stands for both."""
    found = chinese(english)
    return Lines(zh=found, en=english) if found else tongue.lines(english)


def chinese(english: str) -> str:
    """ "" when no template fits."""
    plain, patterns = _tables()
    if english in plain:
        return plain[english]
    for pattern, chinese in patterns:
        if (found := pattern.fullmatch(english)) is not None:
            return chinese.format(*map(_Said, found.groups()))
    return ""


@cache
def _tables() -> tuple[dict[str, str], list[tuple[re.Pattern[str], str]]]:
    """Whole texts, and templates: the one with the most words of its own first, so that the particular is found before the
    general."""
    table = {**OWN, **DEVICES}
    patterns = sorted((english for english in table if "{}" in english), key=lambda english: -len(english))
    compiled = [(re.compile("(.+?)".join(map(re.escape, e.split("{}"))), re.DOTALL), table[e]) for e in patterns]
    return {english: zh for english, zh in table.items() if "{}" not in english}, compiled
