"""What the API must not load."""

import subprocess
import sys

LOADED = "import sys, api.app; print(*{name.partition('.')[0] for name in sys.modules})"


def test_the_api_loads_neither_torch_nor_stanza() -> None:
    command = [sys.executable, "-W", "error", "-c", LOADED]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert "litestar" in loaded
    assert not {"torch", "stanza", "numpy", "trafilatura"} & set(loaded)
