"""A real browser for tests: headless Chromium by its DevTools protocol, and nothing between."""

import asyncio
import base64
import contextlib
import json
import os
import shutil
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect

LIMIT = 120.0
"""Seconds that a busy machine may take over anything that is waited for."""


def browser_or_skip() -> str:
    """Return Chromium's path; where there is none the test is skipped, in CI it fails."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        assert "CI" not in os.environ, "chromium is not installed: apt-get install chromium"
        pytest.skip("chromium is not installed")
    return found


class Page:
    """One page of the browser. JavaScript errors of the page fail whatever waits for it."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket, self._numbers = socket, count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self.errors: list[str] = []
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for text in self._socket:
            told = json.loads(text)
            answer = self._answers.pop(told.get("id", 0), None)
            if answer is not None and not answer.done():
                answer.set_result(told)
            elif told.get("method") == "Runtime.exceptionThrown":
                thrown = told["params"]["exceptionDetails"]
                self.errors.append(str(thrown.get("exception", thrown).get("description", thrown)))

    async def send(self, method: str, **values: Any) -> Any:
        """Ask the browser; return what it says."""
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._socket.send(json.dumps({"id": number, "method": method, "params": values}))
        told = await asyncio.wait_for(answer, LIMIT)
        assert "error" not in told, told["error"]
        return told["result"]

    async def open(self, address: str) -> None:
        """Go to an address, and wait until its scripts have run."""
        await self.send("Page.navigate", url=address)
        await self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    async def eval(self, script: str) -> Any:
        """Return a script's value."""
        found = await self.send(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    async def until(self, script: str) -> Any:
        """Wait until a script's value is true; fail with what the page shows instead."""
        for _ in range(int(LIMIT / 0.1)):
            assert self.errors == []
            with contextlib.suppress(AssertionError):  # a page that is just going away
                if value := await self.eval(f"!!({script})"):
                    return value
            await asyncio.sleep(0.1)
        raise AssertionError(
            f"never: {script}; shown: {await self.eval('document.body.innerText')}"
        )

    async def shows(self, selector: str, text: str) -> None:
        """Wait until an element shows a text."""
        found = f"document.querySelector({json.dumps(selector)})?.innerText ?? ''"
        await self.until(f"({found}).includes({json.dumps(text)})")

    async def press(self, selector: str) -> None:
        """Press what is there, enabled and on view, with the mouse."""
        chosen = f"document.querySelector({json.dumps(selector)})"
        await self.until(f"{chosen} && !{chosen}.disabled && {chosen}.offsetParent !== null")
        at = await self.eval(
            f"(() => {{ const e = {chosen}; e.scrollIntoView({{block: 'center'}});"
            "const r = e.getBoundingClientRect();"
            "return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        where = {"x": at[0], "y": at[1], "button": "left", "clickCount": 1}
        await self.send("Input.dispatchMouseEvent", type="mousePressed", **where)
        await self.send("Input.dispatchMouseEvent", type="mouseReleased", **where)

    async def write(self, selector: str, text: str) -> None:
        """Replace what stands in a field by typing."""
        chosen = f"document.querySelector({json.dumps(selector)})"
        await self.until(f"{chosen} && !{chosen}.disabled")
        await self.eval(f"{chosen}.focus(); {chosen}.select(); true")
        await self.send("Input.insertText", text=text)

    async def picture(self, file: Path) -> None:
        """Keep what the page looks like."""
        shot = await self.send("Page.captureScreenshot", format="png")
        file.write_bytes(base64.b64decode(shot["data"]))


@contextlib.asynccontextmanager
async def pages(folder: Path, size: str = "1366,860") -> AsyncIterator["Browser"]:
    """Start a browser of its own, and end it whatever happens."""
    process = await asyncio.create_subprocess_exec(
        browser_or_skip(),
        *("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"),
        *("--disable-dev-shm-usage", "--remote-debugging-port=0", f"--window-size={size}"),
        f"--user-data-dir={folder}",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    browser = Browser(*await _door(folder))
    try:
        yield browser
    finally:
        await browser.close()
        process.kill()
        await process.wait()


async def _door(folder: Path) -> tuple[int, str]:
    """Return the port and the path of the browser's own connection, once it wrote them down."""
    for _ in range(int(LIMIT / 0.1)):
        with contextlib.suppress(OSError, ValueError):
            port, root = (folder / "DevToolsActivePort").read_text().split()
            return int(port), root
        await asyncio.sleep(0.1)
    raise AssertionError("chromium did not come up")


class Browser:
    """The browser: makes pages, each with cookies of its own."""

    def __init__(self, port: int, root: str) -> None:
        self._port, self._root = port, root
        self._sockets: list[ClientConnection] = []

    async def page(self) -> Page:
        """Open a page that shares nothing with the others."""
        root = await self._connect(f"ws://127.0.0.1:{self._port}{self._root}")
        context = (await root.send("Target.createBrowserContext"))["browserContextId"]
        made = await root.send("Target.createTarget", url="about:blank", browserContextId=context)
        page = await self._connect(f"ws://127.0.0.1:{self._port}/devtools/page/{made['targetId']}")
        await page.send("Page.enable")
        await page.send("Runtime.enable")
        return page

    async def close(self) -> None:
        """Let the browser's connections go."""
        for socket in self._sockets:
            await socket.close()

    async def _connect(self, address: str) -> Page:
        socket = await connect(address, max_size=None, proxy=None)
        self._sockets.append(socket)
        return Page(socket)
