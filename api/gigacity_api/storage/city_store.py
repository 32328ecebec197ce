"""Keeps every city version that came into force: its files under its hash, and since when.

Figures name the version they were made with; whoever asks for an old instant finds the city as it
was then. ``in_force.jsonl`` has one line for each change.
"""

import os
import shutil
from pathlib import Path

import msgspec

from gigacity_city.files import CityFiles, read_files
from gigacity_city.load import parse_city
from gigacity_city.model import City
from gigacity_city.problems import Problems


class InForce(msgspec.Struct, frozen=True):
    """A version and the moment from which it holds."""

    version: str
    from_ms: int


class CityStore:
    """City versions in a folder of the state directory."""

    def __init__(self, state_dir: Path) -> None:
        self._folder = state_dir / "city"
        self._log = self._folder / "in_force.jsonl"

    def put_in_force(self, files: CityFiles, now_ms: int) -> bool:
        """Keep the bytes of a version; True if it is another than the one in force until now."""
        self._folder.mkdir(parents=True, exist_ok=True)
        version = files.version
        if self.fault_of(version):
            self._write(files)
        history = self.history()
        if history and history[-1].version == version:
            return False
        line = msgspec.json.encode(InForce(version, now_ms)) + b"\n"
        with self._log.open("ab") as file:
            # After a crash the last line may be cut short; this one must not become part of it.
            file.write(b"\n" + line)
            file.flush()
            os.fsync(file.fileno())
        return True

    def history(self) -> list[InForce]:
        """Versions in the order in which they came into force; a line cut short is left out."""
        if not self._log.exists():
            return []
        found = []
        for line in self._log.read_bytes().splitlines():
            if not line:
                continue
            try:
                found.append(msgspec.json.decode(line, type=InForce))
            except msgspec.MsgspecError:
                continue
        return found

    def version_at(self, at_ms: int) -> str | None:
        """The version in force at a moment; before the first one, that first one."""
        history = self.history()
        if not history:
            return None
        in_force = [entry for entry in history if entry.from_ms <= at_ms]
        return (in_force or history[:1])[-1].version

    def damaged(self) -> dict[str, str]:
        """Versions that were in force and whose kept files are not what their name says; why."""
        found = {entry.version: self.fault_of(entry.version) for entry in self.history()}
        return {version: why for version, why in found.items() if why}

    def load(self, version: str) -> City:
        """A kept version.

        Raises:
            CityError: its files are gone or have been changed.
        """
        problems = Problems()
        files = read_files(self._folder / version, problems)
        if files.version != version:
            problems.add(str(self._folder / version), 0, "", "the kept files have changed")
        return parse_city(files, problems, counts_foreign_ids=True)

    def fault_of(self, version: str) -> str:
        """Why the kept files of a version are not what its name says; empty: they are."""
        problems = Problems()
        files = read_files(self._folder / version, problems)
        if not problems and files.version != version:
            problems.add(version, 0, "", f"the files are those of {files.version}")
        return str(problems)

    def _write(self, files: CityFiles) -> None:
        # Written beside its place and renamed: a version is there as a whole or not at all.
        # One that is not whole is moved aside first: where that fails, it is still what it was.
        target = self._folder / files.version
        partial, former = (target.with_name(f"{target.name}.{s}") for s in ("partial", "former"))
        for left_over in (partial, former):
            shutil.rmtree(left_over, ignore_errors=True)
        partial.mkdir()
        for name, content in files.contents.items():
            with (partial / name).open("wb") as file:
                file.write(content or b"")
                file.flush()
                os.fsync(file.fileno())
        if target.exists():
            target.rename(former)
        partial.rename(target)
        shutil.rmtree(former, ignore_errors=True)
