"""A machine that is thrown away: this one's files under an overlay, booted with its own systemd (as root).

with machine(tmp_path) as it:
    answers = it.drive(script, package)      # runs inside, as root, after the boot; its result.json

Nothing that happens inside reaches this machine's files, and its network has only a loopback.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WITHIN = 900
UNIT = """\
[Unit]
Description=what the test does here
After=basic.target systemd-tmpfiles-setup.service
[Service]
Type=oneshot
WorkingDirectory=/out
ExecStart=-/usr/bin/python3 /out/{script} {arguments}
ExecStopPost=systemctl exit 0
StandardOutput=file:/out/drive.log
StandardError=file:/out/drive.log
"""


def missing() -> str:
    """What this machine lacks to boot another one; empty if nothing."""
    if os.geteuid() != 0:
        return "only root can boot a machine"
    for tool, package in (("systemd-nspawn", "systemd-container"), ("dpkg-deb", "dpkg")):
        if shutil.which(tool) is None:
            return f"{tool} is not installed; apt-get install {package}"
    return ""


@dataclass(frozen=True)
class Machine:
    root: Path
    out: Path  # /out inside

    def drive(self, script: Path, *beside: Path) -> dict[str, Any]:
        """Boot, run the script with the other files' names as arguments, shut down; its result.json."""
        for path in (script, *beside):
            shutil.copy(path, self.out)
        unit = self.out / "drive.service"
        unit.write_text(UNIT.format(script=script.name, arguments=" ".join(path.name for path in beside)))
        subprocess.run(self.command(unit), capture_output=True, timeout=WITHIN, check=False)
        log = self.out / "drive.log"
        print(log.read_text(errors="replace")[-20_000:] if log.exists() else "it did not boot")
        result = self.out / "result.json"
        found: dict[str, Any] = json.loads(result.read_text()) if result.exists() else {}
        return found

    def command(self, unit: Path) -> list[str]:
        return [
            *("systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--directory", str(self.root)),
            *("--machine=monitord-test", "--private-network", "--console=pipe", f"--bind={self.out}:/out"),
            *(f"--bind-ro={unit}:/run/systemd/system/drive.service", "--link-journal=no"),
            *("--boot", "systemd.unit=drive.service"),
        ]


@contextmanager
def machine(folder: Path) -> Iterator[Machine]:
    """This machine's files, with a layer over them that is gone afterwards."""
    over, out = folder / "over", folder / "out"
    over.mkdir()
    out.mkdir()
    mount("-t", "tmpfs", "-o", "size=4g", "tmpfs", over)
    try:
        for name in ("upper", "work", "root"):
            (over / name).mkdir()
        layers = f"lowerdir=/,upperdir={over / 'upper'},workdir={over / 'work'}"
        mount("-t", "overlay", "-o", layers, "overlay", over / "root")
        try:
            yield Machine(over / "root", out)
        finally:
            subprocess.run(["umount", over / "root"], check=True)
    finally:
        subprocess.run(["umount", over], check=True)


def mount(*words: str | Path) -> None:
    subprocess.run(["mount", *words], check=True)
