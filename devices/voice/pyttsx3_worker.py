"""One utterance by pyttsx3 in a process of its own: `python -m devices.voice.pyttsx3_worker VOICE RATE OUT.wav`, text on stdin.

Why its own process, and one utterance a run: pyttsx3 2.99 speaks only the last of several queued texts, keeps writing
the file of an earlier one, hangs when two threads use it, and cannot be stopped.

Why the event: its `runAndWait` returns before espeak-ng's own thread is done; a process that then ends leaves no file,
an empty one or half of one (measured: 17 of 30 runs on a busy machine). "finished-utterance" comes after the file.

Exit codes: 0 = OUT.wav is there; 2 = wrong arguments; 3 = no speech engine; 4 = it did not finish.
"""

from __future__ import annotations

import sys
import threading

FINISH_S = 20.0
NO_ENGINE, UNFINISHED = 3, 4


def main(argv: list[str]) -> int:
    if len(argv) != 3 or not argv[1].isdigit():
        print("usage: python -m devices.voice.pyttsx3_worker VOICE RATE OUT.wav < TEXT", file=sys.stderr)
        return 2
    voice, rate, out = argv
    text = sys.stdin.buffer.read(8192).decode("utf-8")
    try:
        import pyttsx3

        engine = pyttsx3.init("espeak")
    except (ImportError, OSError, RuntimeError) as error:
        print(f"no speech engine: {error}", file=sys.stderr)
        return NO_ENGINE
    finished = threading.Event()
    engine.connect("finished-utterance", lambda name, completed: finished.set())
    engine.setProperty("voice", voice)
    engine.setProperty("rate", int(rate))
    engine.save_to_file(text, out)
    engine.runAndWait()
    return 0 if finished.wait(FINISH_S) else UNFINISHED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
