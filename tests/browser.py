"""A headless browser for the tests, spoken to in Chromium's own protocol over a pipe."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
KEYS = {"Tab": 9, "Enter": 13, " ": 32, "ArrowLeft": 37, "ArrowRight": 39}
TYPED = {"Enter": "\r", " ": " "}


def program() -> str:
    found = next((b for b in BROWSERS if shutil.which(b)), None)
    assert found, (
        f"no browser: install one of {', '.join(BROWSERS)} (Debian: apt-get install chromium)"
    )
    return found


class Browser:
    """One page after the other; `said` is what consoles and the network had to say of it."""

    def __init__(self, pipe_in: int, pipe_out: int):
        self.write, self.read, self.got = pipe_in, pipe_out, b""
        self.count = 0
        self.session = ""
        self.said: list[str] = []
        self.met: list[str] = []

    def call(self, method: str, **params: Any) -> Any:
        """The result of one command; what happens meanwhile is remembered."""
        self.count += 1
        message = {"id": self.count, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write, json.dumps(message).encode() + b"\0")
        while (got := self._next()).get("id") != self.count:
            self._heard(got)
        assert "error" not in got, f"{method}: {got['error']}"
        return got["result"]

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self.got:
            part = os.read(self.read, 1 << 16)
            assert part, "the browser has gone"
            self.got += part
        text, _, self.got = self.got.partition(b"\0")
        made: dict[str, Any] = json.loads(text)
        return made

    def _heard(self, got: Mapping[str, Any]) -> None:
        method, params = got["method"], got.get("params", {})
        self.met.append(method)
        if method == "Runtime.consoleAPICalled":
            self.said.append(" ".join(str(a.get("value")) for a in params["args"]))
        elif method == "Runtime.exceptionThrown":
            self.said.append(params["exceptionDetails"]["text"])
        elif method == "Log.entryAdded":
            self.said.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
        elif method == "Network.requestWillBeSent" and not params["request"]["url"].startswith(
            ("file:", "data:")
        ):
            self.said.append(f"asks for {params['request']['url']}")

    def open(self, path: Path, width: int = 1000, dark: bool = False, media: str = "") -> None:
        """A page in a window of its own, once it is loaded."""
        self.session, self.said, self.met = "", [], []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"
        ]
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            self.call(f"{domain}.enable")
        self.size(width)
        self.look(dark, media)
        self.call("Page.navigate", url=path.as_uri())
        while "Page.loadEventFired" not in self.met:
            self._heard(self._next())

    def size(self, width: int, height: int = 900) -> None:
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)  # fmt: skip

    def look(self, dark: bool, media: str = "") -> None:
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", media=media, features=[scheme])

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        got = self.call("Runtime.evaluate", expression=script, returnByValue=True)
        assert "exceptionDetails" not in got, got["exceptionDetails"]
        return got["result"].get("value")

    def press(self, key: str) -> None:
        """A key goes down and up again, as from a keyboard."""
        code = KEYS[key]
        for kind in ("keyDown", "keyUp"):
            text = {"text": TYPED[key]} if key in TYPED and kind == "keyDown" else {}
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                      windowsVirtualKeyCode=code, **text)  # fmt: skip

    def tree(self) -> list[dict[str, Any]]:
        """What a screen reader is told: role and name of every node."""
        nodes: list[dict[str, Any]] = self.call("Accessibility.getFullAXTree")["nodes"]
        return [n for n in nodes if not n.get("ignored")]

    def picture(self, path: Path) -> None:
        """The whole page as PNG."""
        made = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(made["data"]))


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser with a profile that nobody keeps."""
    to_read, write = os.pipe()
    read, to_write = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        command = [program(), "--headless", "--no-sandbox", "--disable-gpu",
                   "--remote-debugging-pipe", f"--user-data-dir={place}"]  # fmt: skip
        shell = f'exec "$@" 3<&{to_read} 4>&{to_write}'
        process = subprocess.Popen(
            ["bash", "-c", shell, "bash", *command],
            pass_fds=(to_read, to_write), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(to_read)
        os.close(to_write)
        made = Browser(write, read)
        try:
            yield made
        finally:
            process.terminate()
            process.wait(timeout=30)
            os.close(write)
            os.close(read)
