"""Listening to a call: is it a sound at all, and what does it say?"""

from __future__ import annotations

import io
import re
import wave
from array import array

ZH_DIGITS = "零一二三四五六七八九"
EN_DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
LEAST_S = 2.0


def said_numbers(sentence: str) -> list[str]:
    """Every ticket number that a spoken sentence names: "请 A零一二 号" and "Number A, zero one two" give A012."""
    text = sentence
    for value, sign in enumerate(ZH_DIGITS):
        text = text.replace(sign, str(value))
    for value, word in enumerate(EN_DIGITS):
        text = re.sub(rf"\b{word}\b", str(value), text)
    joined = re.sub(r"(?<=[A-Z0-9])[, ]+(?=[0-9]\b)", "", text)
    return list(dict.fromkeys(re.findall(r"[A-Z]{1,2}[0-9]{3,}", joined)))


def loud_seconds(data: bytes) -> float:
    """How many seconds of a WAV are louder than a tenth of its peak, in steps of 20 ms; 0.0 for silence."""
    with wave.open(io.BytesIO(data)) as reader:
        rate = reader.getframerate()
        samples = array("h", reader.readframes(reader.getnframes()))
    step = rate // 50
    peaks = [max(map(abs, samples[at : at + step])) for at in range(0, len(samples) - step, step)]
    loudest = max(peaks, default=0)
    return sum(peak > loudest / 10 for peak in peaks) / 50 if loudest > 1000 else 0.0
