"""The page in a real browser: no error, every formula drawn, the panel's numbers those of the
kernel."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from codegen import compile
from codegen.notes import book as notes

pytestmark = pytest.mark.browser
LANGUAGES = ("en", "zh")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
LOGITS = (
    [2.0, 1.0, 0.1],
    [20.0, -20.0, -20.0],
    [-20.0, 20.0, 19.9],
    [0.0, 0.0, 0.0],
    [3.3, -7.1, 12.4],
)
PROBE = """
<script>
window.addEventListener("load", function () {
  const all = Array.from(document.querySelectorAll("math"));
  const box = function (e) {
    const b = e.getBoundingClientRect();
    return b.width > 0 && b.height > 0;
  };
  document.querySelectorAll("details").forEach(function (d) { d.open = true; });
  const hidden = all.filter(function (m) { return !box(m); }).length;
  const unknown = new Set(Array.from(document.querySelectorAll("math *"))
    .filter(function (e) { return e.constructor.name !== "MathMLElement"; })
    .map(function (e) { return e.tagName; }));
  const sliders = Array.from(document.querySelectorAll("input[type=range]"));
  const radios = Array.from(document.querySelectorAll("input[type=radio]"));
  const panel = document.querySelector(".panel");
  const rows = CASES.map(function (c) {
    sliders.forEach(function (s, i) { s.value = c.z[i]; });
    radios.forEach(function (r, i) { r.checked = i === c.t; });
    sliders[0].dispatchEvent(new Event("input"));
    return JSON.parse(panel.dataset.numbers);
  });
  document.getElementById("panel-reset").click();
  const named = sliders.concat(radios).every(function (e) {
    return Boolean(e.getAttribute("aria-label"));
  });
  const step = document.querySelector(".step > summary");
  step.focus();
  const focused = document.activeElement === step;
  document.body.insertAdjacentHTML("beforeend", "<pre id=probe></pre>");
  document.getElementById("probe").textContent = JSON.stringify({
    formulas: all.length, hidden: hidden, unknown: Array.from(unknown), rows: rows, named: named,
    focused: focused, reset: sliders.map(function (s) { return Number(s.value); }),
    steps: document.querySelectorAll(".step").length,
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    requests: performance.getEntriesByType("resource").length });
});
</script>
"""


def browser() -> str:
    found = next((b for b in BROWSERS if shutil.which(b)), None)
    assert found, (
        f"no browser: install one of {', '.join(BROWSERS)} (Debian: apt-get install chromium)"
    )
    return found


@cache
def seen(lang: str, width: int, planted: str = "") -> tuple[dict[str, Any], str]:
    """What the probe found in the page, and the browser's console."""
    import tempfile

    text = str(notes.files(["chapter"], lang, "html")["chapter.html"])
    cases = json.dumps([{"z": z, "t": t} for z in LOGITS for t in range(3)])
    with tempfile.TemporaryDirectory() as place:
        page = Path(place) / "page.html"
        page.write_text(
            text.replace("</body>", planted + PROBE.replace("CASES", cases) + "</body>"),
            encoding="utf-8",
        )
        command = [browser(), "--headless", "--no-sandbox", "--disable-gpu",
                   f"--user-data-dir={place}/profile",
                   "--enable-logging=stderr", f"--window-size={width},900",
                   "--virtual-time-budget=5000", "--dump-dom",
                   page.as_uri()]  # fmt: skip
        ran = subprocess.run(command, capture_output=True, text=True, timeout=120)
    found = re.search(r'<pre id="probe">(.*?)</pre>', ran.stdout, re.DOTALL)
    assert found, ran.stderr[-2000:]
    console = "\n".join(line for line in ran.stderr.splitlines() if "CONSOLE" in line)
    return json.loads(html.unescape(found[1])), console


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_error_and_every_formula_is_drawn(lang: str) -> None:
    found, console = seen(lang, 1000)
    assert console == ""
    assert found["formulas"] > 300 and found["hidden"] == 0 and found["unknown"] == []
    assert found["requests"] == 0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_panel_shows_what_the_kernel_computes(lang: str) -> None:
    rows = seen(lang, 1000)[0]["rows"]
    z = np.array([z for z in LOGITS for _ in range(3)])
    labels = np.array([t for _ in LOGITS for t in range(3)])
    value, grad = compile("cross_entropy", target="numpy", dtype="float64").value_and_grad(
        z, labels, reduction="none"
    )
    p = compile("softmax", target="numpy", dtype="float64").value(z)
    np.testing.assert_allclose([r["loss"] for r in rows], value, rtol=4e-15)
    np.testing.assert_allclose([r["gradient"] for r in rows], grad, rtol=4e-15)
    np.testing.assert_allclose([r["p"] for r in rows], p, rtol=4e-15)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_keyboard_names_and_reset(lang: str) -> None:
    found, _ = seen(lang, 1000)
    assert found["named"] and found["focused"] and found["steps"] > 80
    assert found["reset"] == [2.0, 1.0, 0.1]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_narrow_page_does_not_scroll_sideways(lang: str) -> None:
    assert seen(lang, 500)[0]["wide"] <= 0


def test_a_planted_error_is_seen() -> None:
    assert "planted" in seen("en", 1000, "<script>console.error('planted')</script>")[1]


def test_a_planted_request_is_seen() -> None:
    assert "127.0.0.1" in seen("en", 1000, '<img src="http://127.0.0.1:9/x.png">')[1]
