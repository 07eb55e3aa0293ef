"""For the common fuzzer (tests.devices.fuzzing): the codecs of idcard, with the samples their kinds name."""

from devices.idcard.kinds import KINDS
from tests.devices.fuzzing import FuzzCase

CASES = tuple(
    FuzzCase(kind.name, samples.frames, samples.decode, samples.declared) for kind in KINDS for samples in kind.samples
)
