"""The Debian package: monitord, its locked libraries, compiled, and what systemd needs; ./dev deb runs this.

Theory of operation. No packaging tool does anything here but dpkg-deb, over a tree that is laid out file by
file: a virtual environment below /usr/lib/monitord that belongs to the system's own Python (a pyvenv.cfg and
a link make one, so it is where it is put), filled from the lock with its hashes, and compiled, because a
hardened unit can write no bytecode and a start without any takes twice as long. The same commit gives the
same bytes: every time is SOURCE_DATE_EPOCH (or the commit's), bytecode is checked by nothing, and what
installers write about themselves is removed.
"""

import argparse
import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from email.parser import HeaderParser
from email.utils import formatdate
from pathlib import Path
from zipfile import ZipFile

ROOT = Path(__file__).resolve().parents[1]
PYTHON = "/usr/bin/python3"
HOME = Path("usr/lib/monitord")
TREES = ("config", "probes", "rotations")
EXAMPLES = (".yaml", ".txt")  # an editor's leavings are none
SCRIPTS = ("postinst", "prerm", "postrm")
UNITS = ("monitord.service", "monitord-public.socket", "monitord-edge.socket", "monitord-ops.socket")
# What installers write about themselves, and repositories about theirs.
NOT_OURS = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", ".gitignore", ".lock")
MAINTAINER = "The monitord developers <monitord@example.org>"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--to", type=Path, default=ROOT / "dist", help="the folder for the package")
    parser.add_argument("--fast", action="store_true", help="a larger package, sooner")
    arguments = parser.parse_args()
    need_tools()
    arguments.to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="monitord-deb-") as folder:
        print(package(Path(folder), arguments.to.resolve(), fast=arguments.fast))


def need_tools() -> None:
    for tool, where in ((PYTHON, "python3"), ("dpkg-deb", "dpkg")):
        if shutil.which(tool) is None:
            sys.exit(f"deb: {tool} is missing; apt-get install {where}")


def package(folder: Path, to: Path, *, fast: bool) -> Path:
    """Build in `folder`; the package's path."""
    stage, epoch = folder / "stage", commit_time()
    stage.mkdir()
    lay_out_libraries(stage, folder)
    lay_out_files(stage, epoch)
    compile_all(stage)
    lay_out_control(stage)
    settle(stage, epoch)
    name = f"monitord_{debian_version()}_{said('dpkg', '--print-architecture')}.deb"
    command = ["dpkg-deb", "--root-owner-group", "--threads-max=1", *(["-Zxz", "-z1"] if fast else ["-Zxz"])]
    run(*command, "--build", stage, to / name, environ={"SOURCE_DATE_EPOCH": str(epoch)})
    return to / name


# The libraries, and monitord itself.


def lay_out_libraries(stage: Path, folder: Path) -> None:
    """What the lock names, without its tests, and monitord's own wheel, where the system's Python looks."""
    packages = stage / site_packages()
    packages.mkdir(parents=True)
    install(packages, folder)
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "wheel", cwd=ROOT)
    with ZipFile(next((folder / "wheel").glob("*.whl"))) as wheel:
        wheel.extractall(packages)
    shutil.rmtree(packages / "bin", ignore_errors=True)
    for left in [path for name in NOT_OURS for path in packages.rglob(name)]:
        left.unlink()
    for tests in packages.glob("*/tests"):
        shutil.rmtree(tests)
    (stage / HOME / "bin").mkdir()
    (stage / HOME / "bin" / "python3").symlink_to("../../../bin/python3")
    write(stage / HOME / "pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = false\n")
    (stage / HOME / "lifeboat.py").symlink_to(Path(*site_packages().parts[3:], "monitord", "lifeboat.py"))


def install(packages: Path, folder: Path) -> None:
    """With uv where there is one, else with a pip of the system's own Python."""
    lock = ("--require-hashes", "--no-deps", "--only-binary", ":all:", "--target", packages)
    if subprocess.run(["uv", "--version"], capture_output=True, check=False).returncode == 0:
        source = (*lock, "--requirements", ROOT / "requirements.lock")
        run("uv", "pip", "install", "--quiet", "--python", PYTHON, *source)
        return
    run(PYTHON, "-m", "venv", folder / "pip")
    source = (*lock, "--no-compile", "--requirement", ROOT / "requirements.lock")
    run(folder / "pip" / "bin" / "python", "-m", "pip", "install", "--quiet", *source)


def compile_all(stage: Path) -> None:
    """Bytecode that is used without a look at its source; the same every time."""
    inside = ("-s", stage, "-p", "/", "--invalidation-mode", "unchecked-hash")
    for left in [*(stage / HOME).rglob("__pycache__")]:
        shutil.rmtree(left)
    command = (PYTHON, "-I", "-m", "compileall", "-q", "-j", "1", *inside, stage / site_packages())
    run(*command, environ={"PYTHONHASHSEED": "0"})


def site_packages() -> Path:
    major, minor = python_version()
    return HOME / "lib" / f"python{major}.{minor}" / "site-packages"


def python_version() -> tuple[int, int]:
    major, minor = said(PYTHON, "-c", "import sys; print(*sys.version_info[:2])").split()
    return int(major), int(minor)


# Everything else.


def lay_out_files(stage: Path, epoch: int) -> None:
    """Commands, units, the example trees, and what people read."""
    here, systemd, doc = ROOT / "debian", ROOT / "systemd", stage / "usr/share/doc/monitord"
    copy(here / "launcher", stage / "usr/bin/monitord", 0o755)
    for unit in UNITS:
        copy(systemd / unit, stage / "usr/lib/systemd/system" / unit)
    copy(systemd / "monitord.sysusers", stage / "usr/lib/sysusers.d/monitord.conf")
    copy(systemd / "monitord.tmpfiles", stage / "usr/lib/tmpfiles.d/monitord.conf")
    for path in examples():
        copy(path, stage / "etc/monitord" / path.relative_to(ROOT))
    copy(here / "copyright", doc / "copyright")
    copy(here / "lintian-overrides", stage / "usr/share/lintian/overrides/monitord")
    copy(systemd / "icmp.conf", doc / "examples/icmp.conf")
    write(doc / "packages.txt", brought_along(stage))
    pack(doc / "changelog.gz", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))
    pack(doc / "changelog.Debian.gz", debian_changelog(epoch))
    page = (here / "monitord.8").read_text(encoding="utf-8").replace("{version}", version())
    pack(stage / "usr/share/man/man8/monitord.8.gz", page)


def examples() -> list[Path]:
    """The example trees, whole: what they say, and what they rehearse."""
    return sorted(path for tree in TREES for path in (ROOT / tree).rglob("*") if path.suffix in EXAMPLES)


def brought_along(stage: Path) -> str:
    """Name, version and licence of each library."""
    lines = []
    for path in sorted((stage / site_packages()).glob("*.dist-info/METADATA")):
        head = HeaderParser().parsestr(path.read_text(encoding="utf-8"))
        kinds = [
            each.rpartition(" :: ")[2] for each in head.get_all("Classifier", []) if "License ::" in each
        ]
        licence = (
            head.get("License-Expression") or ", ".join(kinds) or head.get("License") or "see its folder"
        )
        lines.append(f"{head['Name']} {head['Version']}: {licence.splitlines()[0]}\n")
    return "".join(lines)


def debian_changelog(epoch: int) -> str:
    """The one entry that Debian's tools look for; the real one lies beside it."""
    head = f"monitord ({debian_version()}) stable; urgency=medium"
    return (
        f"{head}\n\n  * What has changed stands in changelog.gz.\n\n -- {maintainer()}  {formatdate(epoch)}\n"
    )


def lay_out_control(stage: Path) -> None:
    """What dpkg goes by."""
    control, (major, minor) = stage / "DEBIAN", python_version()
    files = sorted(path for path in stage.rglob("*") if path.is_file() and not path.is_symlink())
    told = {
        "version": debian_version(),
        "architecture": said("dpkg", "--print-architecture"),
        "maintainer": maintainer(),
        "size": str(sum(path.stat().st_size for path in files) // 1024 + 1),
        "libc": f"libc6 (>= {libc_version()})",
        "python": f"python3 (>= {major}.{minor}), python3 (<< {major}.{minor + 1})",
    }
    text = (ROOT / "debian" / "control").read_text(encoding="utf-8")
    write(control / "control", re.sub(r"\{(\w+)\}", lambda match: told[match[1]], text))
    for script in SCRIPTS:
        copy(ROOT / "debian" / script, control / script, 0o755)
    names = [path.relative_to(stage) for path in files]
    write(control / "conffiles", "".join(f"/{name}\n" for name in names if name.parts[0] == "etc"))
    sums = (f"{hashlib.md5((stage / name).read_bytes()).hexdigest()}  {name}\n" for name in names)
    write(control / "md5sums", "".join(sums))


def libc_version() -> str:
    """Libraries were chosen that work with this machine's; an older one might not do."""
    return ".".join(said("ldd", "--version").splitlines()[0].split()[-1].split(".")[:2])


def maintainer() -> str:
    """As Debian's own tools ask for it."""
    name, address = os.environ.get("DEBFULLNAME"), os.environ.get("DEBEMAIL")
    return f"{name or 'monitord'} <{address}>" if address else MAINTAINER


def settle(stage: Path, epoch: int) -> None:
    """The same rights and times everywhere, whoever builds this with whichever umask."""
    for path in [stage, *stage.rglob("*")]:
        if not path.is_symlink():
            script = path.parent.name == "DEBIAN" and path.name in SCRIPTS
            runs = path.is_dir() or script or path.match("usr/bin/*")
            path.chmod(0o755 if runs else 0o644)
        os.utime(path, (epoch, epoch), follow_symlinks=False)


def copy(source: Path, target: Path, mode: int = 0o644) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(mode)


def write(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")


def pack(target: Path, text: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(gzip.compress(text.encode(), 9, mtime=0))


# What is asked of the machine and of the tree.


def version() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return str(project["project"]["version"])


def debian_version() -> str:
    return f"{version()}-1"


def commit_time() -> int:
    """SOURCE_DATE_EPOCH, or when the newest commit was made."""
    if os.environ.get("SOURCE_DATE_EPOCH", "").isdecimal():
        return int(os.environ["SOURCE_DATE_EPOCH"])
    return int(said("git", "-c", "safe.directory=*", "-C", ROOT, "log", "-1", "--format=%ct"))


def said(*command: str | Path) -> str:
    return subprocess.run([*map(str, command)], check=True, capture_output=True, text=True).stdout.strip()


def run(*command: str | Path, cwd: Path | None = None, environ: dict[str, str] | None = None) -> None:
    """Do it, or end with what it said; stdout is for the package's path alone."""
    environment = os.environ | (environ or {})
    done = subprocess.run(
        [*map(str, command)],
        check=False,
        cwd=cwd,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        sys.exit(f"deb: {' '.join(map(str, command))}\n{done.stdout}")


if __name__ == "__main__":
    main()
