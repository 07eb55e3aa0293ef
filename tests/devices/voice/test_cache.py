import os
from pathlib import Path

from devices.voice import sound
from devices.voice.cache import SoundCache


def test_a_sound_is_found_again_by_who_says_what(tmp_path: Path) -> None:
    cache = SoundCache(tmp_path / "cache")
    path = cache.path("espeak", "en-gb", 145, "hello")
    assert cache.get(path) is None
    cache.put(path, sound.chime(), "hello")
    assert cache.get(path) == sound.chime()
    others = [("pyttsx3", "en-gb", 145, "hello"), ("espeak", "en-us", 145, "hello"), ("espeak", "en-gb", 150, "hello")]
    assert len({path, *(cache.path(*other) for other in others), cache.path("espeak", "en-gb", 145, "hullo")}) == 5


def test_the_least_used_go_when_it_is_full(tmp_path: Path) -> None:
    second = sound.silence(1.0)
    cache = SoundCache(tmp_path, limit_bytes=3 * 45_000)
    paths = [cache.path("espeak", "en-gb", 145, str(n)) for n in range(4)]
    for nth, path in enumerate(paths[:3]):
        cache.put(path, second, "")
        os.utime(path, ns=(nth, nth))
    os.utime(paths[0], ns=(10, 10))
    cache.put(paths[3], second, "")
    assert [path.exists() for path in paths] == [True, False, True, True]


def test_a_file_that_is_no_sound_is_thrown_away(tmp_path: Path) -> None:
    cache = SoundCache(tmp_path)
    path = cache.path("espeak", "en-gb", 145, "x")
    path.write_bytes(b"half")
    assert cache.get(path) is None and not path.exists()
