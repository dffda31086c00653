"""Debian's Chromium, headless, spoken to over the DevTools pipe with nothing but the standard library."""

import contextlib
import itertools
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
WAIT = 30.0


def program() -> str | None:
    """Path of the browser, None where there is none."""
    return next((path for name in PROGRAMS if (path := shutil.which(name))), None)


class Page:
    """One page of a headless browser: what it logged, what it asked for, what its scripts say."""

    def __init__(self, incoming: int, outgoing: int) -> None:
        self._in, self._out = incoming, outgoing
        self._numbers = itertools.count(1)
        self._buffer = b""
        self.events: list[dict] = []
        target = self._ask("Target.createTarget", {"url": "about:blank"})["targetId"]
        attached = self._ask("Target.attachToTarget", {"targetId": target, "flatten": True})
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.ask(f"{domain}.enable")

    def ask(self, method: str, parameters: dict | None = None) -> dict:
        """Result of a command to the page."""
        return self._ask(method, parameters, self._session)

    def open(self, url: str, ready: str = "document.readyState === 'complete'") -> None:
        """Load an address and wait until an expression is true."""
        self.ask("Page.navigate", {"url": url})
        self.wait(ready)

    def run(self, expression: str) -> object:
        """Value of an expression in the page; promises are awaited."""
        answer = self.ask(
            "Runtime.evaluate", {"expression": expression, "returnByValue": True, "awaitPromise": True}
        )
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def wait(self, expression: str) -> None:
        """Wait until an expression is true in the page."""
        end = time.monotonic() + WAIT
        while not self.run(f"document.documentElement !== null && Boolean({expression})"):
            if time.monotonic() > end:
                raise AssertionError(f"not true within {WAIT} s: {expression}")
            time.sleep(0.05)

    def size(self, width: int, height: int) -> None:
        """Set the size of the window."""
        self.ask(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )

    @property
    def errors(self) -> list[str]:
        """Uncaught errors and messages of level error."""
        found = []
        for event in self.events:
            if event["method"] == "Runtime.exceptionThrown":
                found.append(json.dumps(event["params"]["exceptionDetails"]))
            elif event["method"] == "Runtime.consoleAPICalled" and event["params"]["type"] == "error":
                found.append(json.dumps(event["params"]["args"]))
            elif event["method"] == "Log.entryAdded" and event["params"]["entry"]["level"] == "error":
                found.append(event["params"]["entry"]["text"])
        return found

    @property
    def requests(self) -> list[str]:
        """Addresses the page asked for."""
        return [
            event["params"]["request"]["url"]
            for event in self.events
            if event["method"] == "Network.requestWillBeSent"
        ]

    def _ask(self, method: str, parameters: dict | None = None, session: str | None = None) -> dict:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters or {}}
        if session:
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == number:
                if "error" in answer:
                    raise AssertionError(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def _next(self) -> dict:
        while b"\0" not in self._buffer:
            if not select.select([self._in], [], [], WAIT)[0]:
                raise AssertionError("the browser is silent")
            self._buffer += os.read(self._in, 1 << 20)
        message, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(message)


@contextlib.contextmanager
def browser_page():
    """A page of a fresh headless browser; the browser ends with the block."""
    read_in, write_in = os.pipe()
    read_out, write_out = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [
            program(), "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
            "--no-first-run", "--disable-component-update", f"--user-data-dir={profile}",
            "--remote-debugging-pipe",
        ]  # fmt: skip
        # The pipe protocol reads commands from descriptor 3 and writes answers to descriptor 4.
        shell = f'exec "$@" 3<&{read_in} 4>&{write_out}'
        process = subprocess.Popen(
            ["bash", "-c", shell, "bash", *command],
            pass_fds=(read_in, write_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(read_in)
        os.close(write_out)
        try:
            yield Page(read_out, write_in)
        finally:
            process.terminate()
            process.wait(timeout=WAIT)
            os.close(read_out)
            os.close(write_in)
