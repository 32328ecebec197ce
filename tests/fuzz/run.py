"""The loop: mutate, check, and keep as a new seed whatever shows something that was not seen."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from gigacity_city.load import load_city
from gigacity_contract.clock import Clock
from tests.fuzz.corpus import Sample, seeds, words
from tests.fuzz.findings import Finding
from tests.fuzz.formats import format_seeds
from tests.fuzz.mutations import Mutator
from tests.fuzz.oracles import Oracles, source_of
from tests.support.city import write_city

MAX_CORPUS = 4000
_MAX_KEPT = 20
_POINTS = 20
"""Readings of memory and speed in one run."""


class Target(StrEnum):
    """What is fuzzed."""

    ALL = "all"
    NATIVE = "native"
    FORMATS = "formats"


@dataclass
class Case:
    """The first input that broke something, and how often the same broke again."""

    error: str
    sample: Sample
    times: int = 1


@dataclass
class Result:
    """What a run gave."""

    seed: int
    inputs: int = 0
    elapsed_s: float = 0.0
    corpus: int = 0
    features: int = 0
    rss_kb: list[tuple[int, int]] = field(default_factory=list)
    """Inputs done, and resident memory then."""
    cases: dict[str, Case] = field(default_factory=dict)
    """By type and place."""

    def growth_kb(self) -> int:
        """Of resident memory, from a quarter of the run to its end."""
        settled = self.rss_kb[len(self.rss_kb) // 4 :]
        return settled[-1][1] - settled[0][1] if settled else 0

    def as_json(self) -> dict[str, Any]:
        """For the report."""
        return {
            "seed": self.seed,
            "inputs": self.inputs,
            "inputs_per_s": round(self.inputs / max(self.elapsed_s, 1e-9)),
            "elapsed_s": round(self.elapsed_s, 1),
            "corpus": self.corpus,
            "features": self.features,
            "rss_kb_first": self.rss_kb[0][1],
            "rss_kb_last": self.rss_kb[-1][1],
            "rss_kb_growth_after_a_quarter": self.growth_kb(),
            "rss_kb": self.rss_kb,
            "findings": [
                {
                    "what": what,
                    "times": case.times,
                    "error": case.error[:2000],
                    "topic": repr(case.sample.topic),
                    "payload": repr(case.sample.payload[:4000]),
                    "is_copy": case.sample.is_copy,
                    "source": case.sample.source,
                }
                for what, case in self.cases.items()
            ],
        }


def resident_kb() -> int:
    """Resident memory of this process."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


class Fuzz:
    """One run.

    Args:
        seed: the same seed and number of inputs give the same inputs.
        clock: for the speed alone.
        target: which decoders.
    """

    def __init__(self, seed: int, *, clock: Clock, target: Target = Target.ALL) -> None:
        self._rng = Random(seed)  # noqa: S311 - repeatable
        self._clock = clock
        with TemporaryDirectory() as folder:
            city = load_city(write_city(Path(folder)))
        self._oracles = Oracles(city)
        native = [] if target is Target.FORMATS else seeds()
        self._corpus = native + ([] if target is Target.NATIVE else format_seeds())
        self._mutator = Mutator(self._rng, words(self._corpus))
        self._fixed = len(self._corpus)
        self._seen: set[str] = set()
        self.result = Result(seed)

    def run(self, inputs: int, *, notify: Callable[[Result], None] = lambda _: None) -> Result:
        """Check the seeds, then mutants, until so many inputs are done."""
        began_s = self._clock.monotonic_s()
        every = max(1, inputs // _POINTS)
        result = self.result
        for sample in self._corpus[: self._fixed]:
            self._check(sample)
        self._note_memory()
        while result.inputs < inputs:
            sample, other = self._choose(), self._choose()
            mutant = self._mutator.mutate(sample, other)
            if self._check(mutant):
                self._keep(mutant)
            if result.inputs % every == 0:
                result.elapsed_s = self._clock.monotonic_s() - began_s
                self._note_memory()
                notify(result)
        result.elapsed_s = self._clock.monotonic_s() - began_s
        return result

    def _choose(self) -> Sample:
        """A seed, or, half the time, something that was found on the way."""
        if self._rng.random() < 0.5:
            return self._corpus[self._rng.randrange(self._fixed)]
        return self._corpus[self._rng.randrange(len(self._corpus))]

    def _keep(self, sample: Sample) -> None:
        if len(self._corpus) < MAX_CORPUS:
            self._corpus.append(sample)
        else:
            self._corpus[self._rng.randrange(self._fixed, MAX_CORPUS)] = sample

    def _check(self, sample: Sample) -> bool:
        """Whether the input showed something new."""
        result = self.result
        result.inputs += 1
        try:
            features = self._oracles.check(sample)
        except Finding as finding:
            self._note_case(str(finding)[:60], str(finding), sample)
            return False
        except Exception as error:  # noqa: BLE001 - that none is raised is what is tested.
            self._note_case(source_of(error), f"{type(error).__name__}: {error}", sample)
            return False
        fresh = features - self._seen
        self._seen |= fresh
        return bool(fresh)

    def _note_case(self, what: str, error: str, sample: Sample) -> None:
        known = self.result.cases.get(what)
        if known is not None:
            known.times += 1
            if len(sample.payload) < len(known.sample.payload):
                known.sample, known.error = sample, error
        elif len(self.result.cases) < _MAX_KEPT:
            self.result.cases[what] = Case(error, sample)

    def _note_memory(self) -> None:
        result = self.result
        result.rss_kb.append((result.inputs, resident_kb()))
        result.corpus, result.features = len(self._corpus), len(self._seen)
