"""Question: how long from moving a slider to the last thing painted, and do many pages at once lose anything?

First part: one page in headless Chromium; twenty moves of the first lever of a scenario, each timed from the event of the
slider to the frame after the last chart was drawn: the first answer (preview) and the one with all worlds (full). Prints
the median and the worst, and the seconds of processor time that the machine gave to others meanwhile.
Second part: 24 clients that each send a state every 50 ms for 60 s and then a last one. Prints answers, refusals, errors,
last states that never came, and the growth of memory.

Run: python benchmarks/whatif.py [SCENARIO] [WORLDS] [MOVES] [SECONDS]
The bars on two idle cores: 400 ms for the first answer and 3.5 s for the whole (aim 300 ms and 1.5 s).
"""

import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

CLIENTS = 24
MOVE = """
    const [path, value, done] = arguments;
    const root = document.documentElement;
    const slider = document.querySelector(`input[data-path="${path}"]`);
    const begun = performance.now(), drawn = Number(root.dataset.drawn);
    const paint = () => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)));
    let first = null;
    const look = async () => {
      if (first === null && Number(root.dataset.drawn) > drawn) { await paint(); first = performance.now() - begun; }
      if (root.dataset.done !== "true") { setTimeout(look, 4); return; }
      await paint();
      done([first, performance.now() - begun, document.querySelector("#worlds").textContent]);
    };
    slider.value = value;
    slider.dispatchEvent(new Event("input", {bubbles: true}));
    slider.dispatchEvent(new Event("change", {bubbles: true}));
    look();
"""


def busy() -> tuple[float, float]:
    """Seconds of processor time of the whole machine so far: used, and idle."""
    user, nice, system, idle, *_ = (int(x) / os.sysconf("SC_CLK_TCK") for x in Path("/proc/stat").read_text().split("\n")[0].split()[1:])
    return user + nice + system, idle


def memory(pid: int) -> float:
    """Megabytes that a process holds."""
    line = next(x for x in Path(f"/proc/{pid}/status").read_text().splitlines() if x.startswith("VmRSS"))
    return int(line.split()[1]) / 1000


def moves(address: str, lever: dict, count: int) -> None:
    """Part one."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from selenium.webdriver.support.ui import WebDriverWait
    from tests.browser import started

    with tempfile.TemporaryDirectory() as profile:
        browser = started(profile)
        try:
            browser.set_script_timeout(180)
            browser.get(address)
            WebDriverWait(browser, 60).until(lambda b: b.execute_script("return document.documentElement.dataset.link") == "up")
            values = [lever["low"] + (lever["high"] - lever["low"]) * (k + 0.5) / count for k in range(count)]
            random.Random(7).shuffle(values)
            before, rows = busy(), []
            for x in values:
                rows.append(browser.execute_async_script(MOVE, lever["path"], x))
            used, idle = (b - a for a, b in zip(before, busy(), strict=True))
            for name, k in (("first answer", 0), ("all worlds", 1)):
                times = [row[k] for row in rows]
                print(f"{name}: median {statistics.median(times):,.0f} ms, worst of {count} {max(times):,.0f} ms")
            print(f"  ({rows[-1][2]} The machine was busy {used:.0f} s and idle {idle:.0f} s meanwhile.)")
            complaints = browser.get_log("browser")
            print(f"  messages on the console: {len(complaints)}")
        finally:
            browser.quit()


async def client(number: int, address: str, facts: dict, seconds: float) -> dict:
    """One page that drags for so long, then lets go."""
    import websockets

    lever = next(h for h in facts["handles"] if h["lever"])
    rng, n, heard = random.Random(number), 0, {"results": 0, "refused": 0, "lost": 0, "wait": 0.0}
    url = address.replace("http", "ws") + "live"
    async with websockets.connect(url, origin=address.rstrip("/"), max_size=2**24) as socket:
        end = time.perf_counter() + seconds

        async def listen() -> None:
            async for text in socket:
                answer = json.loads(text)
                heard["results" if answer["type"] in ("result", "same") else "refused"] += 1
                if answer["n"] == heard.get("last") and answer.get("done"):
                    return

        listening = asyncio.create_task(listen())
        while time.perf_counter() < end:
            n += 1
            x = rng.uniform(lever["low"], lever["high"])
            await socket.send(json.dumps({"type": "move", "n": n, "scenario": facts["hash"], "state": {lever["path"]: x}}))
            await asyncio.sleep(0.05)
        n += 1
        heard["last"] = n
        x = lever["low"] + (number + 1) / 100 * (lever["high"] - lever["low"])
        begun = time.perf_counter()
        await socket.send(json.dumps({"type": "move", "n": n, "scenario": facts["hash"], "state": {lever["path"]: x}, "final": True}))
        try:
            await asyncio.wait_for(listening, 1200)
        except TimeoutError:
            heard["lost"] = 1
        heard["wait"] = time.perf_counter() - begun
    return heard


async def crowd(address: str, facts: dict, seconds: float, pid: int) -> None:
    """Part two."""
    before, most = memory(pid), 0.0

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, memory(pid))
            await asyncio.sleep(0.5)

    watching = asyncio.create_task(watch())
    done = await asyncio.gather(*(client(k, address, facts, seconds) for k in range(CLIENTS)), return_exceptions=True)
    watching.cancel()
    errors = [d for d in done if isinstance(d, BaseException)]
    fine = [d for d in done if not isinstance(d, BaseException)]
    print(
        f"{CLIENTS} clients for {seconds:.0f} s: {sum(d['results'] for d in fine)} answers, {sum(d['refused'] for d in fine)} refused, "
        f"{len(errors)} errors, {sum(d['lost'] for d in fine)} last states lost; the last came after {max(d['wait'] for d in fine):.0f} s"
    )
    print(f"memory of the server: {before:,.0f} MB before, {most:,.0f} MB at most, {memory(pid):,.0f} MB after")
    for error in errors[:3]:
        print(f"  {error!r}")


def main(scenario: str, worlds: int, count: int, seconds: float) -> None:
    runs = os.environ.get("MATERIEL_RUNS", "runs")
    command = [sys.executable, "-m", "materiel.cli", "app", scenario, "--worlds", str(worlds), "--runs", runs]
    begun = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            line = server.stdout.readline()
            address = line.split()[1]
            took, load = time.perf_counter() - begun, os.getloadavg()[0]
            print(f"{scenario}, {worlds:,} worlds: ready after {took:.1f} s; load {load:.1f} on {os.cpu_count()} cores")
            facts = json.load(urllib.request.urlopen(address + "facts.json"))
            if count:
                moves(address, next(h for h in facts["handles"] if h["lever"]), count)
            if seconds:
                asyncio.run(crowd(address, facts, seconds, server.pid))
        finally:
            server.terminate()


if __name__ == "__main__":
    given = sys.argv[1:]
    main(
        given[0] if given else "vostochny-2023",
        int(given[1]) if len(given) > 1 else 4096,
        int(given[2]) if len(given) > 2 else 20,
        float(given[3]) if len(given) > 3 else 60.0,
    )
