"""Install Tocsin into `.venv`: what `make run` and `make test` do first.

    python3 -I cli/install.py EXTRA[-EXTRA...]

Runs under whatever Python there is, to be able to tell that it is the wrong one: it imports nothing but
the standard library, and its syntax is that of Python 3.6.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOG = VENV / "install.log"
TORCH_INDEX_URL = os.environ.get("TORCH_INDEX_URL")

OLDEST = (3, 11)
NEEDED = 2.5
"""Gigabytes on disk, with a CPU build of PyTorch."""

NEEDED_WITH_CUDA = 9.0
LAST_LINES = 12

REMEDIES = {
    "No space left on device": "The disk is full: free some space, or let TMPDIR name a folder with more.",
    "distribution found for torch": "That index has no build of this PyTorch for your Python and machine: "
    "set TORCH_INDEX_URL to one that has, or unset it to use pip's own index.",
    "distribution found for": "The package index has no build for your Python and machine.",
    "establish a new connection": "The package index cannot be reached: check the network, the proxy "
    "(HTTPS_PROXY), or name a mirror (PIP_INDEX_URL).",
    "CERTIFICATE_VERIFY_FAILED": "The index's certificate is not trusted: PIP_CERT names one that is.",
}
"""What to do about what pip says; the special stands before the general."""


def main() -> None:
    """Make the environment, install into it, and leave a stamp that tells make so."""
    stamp = sys.argv[1]
    began = time.monotonic()
    check_python()
    if not any(VENV.glob("lib/*/site-packages/torch")):
        check_disk()
    make_environment()
    install(stamp.split("-"))
    (VENV / f"installed-{stamp}").touch()
    say(f"Installed in {time.monotonic() - began:.0f} s.")


def check_python() -> None:
    """Refuse a Python that Tocsin cannot run on."""
    wanted = ".".join(map(str, OLDEST))
    if sys.version_info < OLDEST:
        version = ".".join(map(str, sys.version_info[:3]))
        give_up(
            f"Tocsin needs Python {wanted} or newer; {sys.executable} is {version}.",
            f"Name another: make run PYTHON=python{wanted}",
        )
    if not importlib.util.find_spec("venv") or not importlib.util.find_spec("ensurepip"):
        give_up(
            f"{sys.executable} has no venv module with pip.",
            f"Install it (on Debian and Ubuntu: apt install python{wanted}-venv), or name another Python "
            "with PYTHON=...",
        )


def check_disk() -> None:
    """Refuse a disk that is too full; warn of one that is if CUDA comes along."""
    free = shutil.disk_usage(ROOT).free / 1000**3
    if free < NEEDED:
        give_up(
            f"{ROOT} has {free:.1f} GB free; Tocsin takes {NEEDED} GB, and {NEEDED_WITH_CUDA:.0f} GB if "
            "PyTorch comes with CUDA.",
            "Free some space. TORCH_INDEX_URL names an index of CPU builds.",
        )
    if free < NEEDED_WITH_CUDA and not TORCH_INDEX_URL:
        say(f"{free:.1f} GB are free: not enough if PyTorch comes with CUDA. TORCH_INDEX_URL avoids that.")


def make_environment() -> None:
    """Make `.venv`, or use the one that is there if it works."""
    probe = "import pip, sys; sys.exit(sys.version_info < " + repr(OLDEST) + ")"
    try:
        usable = not subprocess.run(  # noqa: S603 - the Python that this installs into
            [PYTHON, "-c", probe], check=False, stderr=subprocess.DEVNULL
        ).returncode
    except OSError:
        usable = False
    if usable:
        return
    say(f"Making a virtual environment in {VENV}")
    made = subprocess.run(  # noqa: S603 - this Python
        [sys.executable, "-m", "venv", "--clear", VENV], check=False
    )
    if made.returncode:
        give_up("The virtual environment could not be made; what Python says of it stands above.")


def install(extras: "list[str]") -> None:
    """Install PyTorch from its index, if one is named, and then the project with everything else."""
    if TORCH_INDEX_URL:
        found = re.search(r'"(torch==[\d.]+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
        torch = found.group(1) if found else "torch"
        say(f"Installing {torch} from {TORCH_INDEX_URL}")
        pip("--no-deps", "--index-url", TORCH_INDEX_URL, torch)
    say("Installing Tocsin and what it needs; the first time, this takes minutes")
    pip("--editable", f"{ROOT}[{','.join(extras)}]")


def pip(*arguments: str) -> None:
    """Run `pip install`, showing on a terminal what it is at; give up with its last lines if it fails."""
    options = ["--disable-pip-version-check", "--no-input", *arguments]
    command = [str(PYTHON), "-m", "pip", "install", *options]
    lines = []
    with subprocess.Popen(  # noqa: S603 - pip
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            lines.append(line)
            show(line.strip())
    show("")
    with LOG.open("a", encoding="utf-8") as log:
        log.writelines(lines)
    if process.returncode:
        sys.stderr.write("".join(lines[-LAST_LINES:]))
        remedy = next((remedy for sign, remedy in REMEDIES.items() if sign in "".join(lines)), "")
        give_up(f"pip could not install everything; all that it said is in {LOG}.", remedy)


def show(status: str) -> None:
    """Replace the status line of a terminal."""
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns - 3
        sys.stdout.write("\r\033[K" + (f"  {status[:width]}" if status else ""))
        sys.stdout.flush()


def say(message: str) -> None:
    """Print a step."""
    sys.stdout.write(message + "\n")
    sys.stdout.flush()


def give_up(problem: str, remedy: str = "") -> None:
    """Say what is wrong and how to mend it, and end."""
    sys.stderr.write(f"{problem}\n{remedy}\n" if remedy else f"{problem}\n")
    sys.exit(1)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        give_up("\nStopped. The same command goes on where this one was.")
