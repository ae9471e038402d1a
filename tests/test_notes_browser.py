"""The page in a real browser: no error, every formula drawn, the panel's numbers those of the
kernel; legible in both themes and on paper, usable by keyboard and by ear."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import Browser, browser

from codegen import compile
from codegen.notes import book as notes

pytestmark = pytest.mark.browser
LANGUAGES = ("en", "zh")
NAMES = ("chapter", "huber", "soft_dice")
LOOKS = {"light": (False, ""), "dark": (True, ""), "print": (False, "print")}
LOGITS = (
    [2.0, 1.0, 0.1],
    [20.0, -20.0, -20.0],
    [-20.0, 20.0, 19.9],
    [0.0, 0.0, 0.0],
    [3.3, -7.1, 12.4],
)
AUDIT = Path(__file__).with_name("page_audit.js").read_text(encoding="utf-8")
OPEN = "document.querySelectorAll('details').forEach(d => { d.open = true; })"
DRAWN = """(function () {
  const all = Array.from(document.querySelectorAll("math"));
  const box = m => m.getBoundingClientRect();
  return { all: all.length,
    hidden: all.filter(m => !(box(m).width > 0 && box(m).height > 0)).length,
    unknown: Array.from(document.querySelectorAll("math *"))
      .filter(e => e.constructor.name !== "MathMLElement").map(e => e.tagName) };
}())"""
PANEL = """(function () {
  const sliders = Array.from(document.querySelectorAll("input[type=range]"));
  const radios = Array.from(document.querySelectorAll("input[type=radio]"));
  const panel = document.querySelector(".panel");
  return CASES.map(c => {
    sliders.forEach((s, i) => { s.value = c.z[i]; });
    radios.forEach((r, i) => { r.checked = i === c.t; });
    sliders[0].dispatchEvent(new Event("input"));
    return JSON.parse(panel.dataset.numbers);
  });
}())"""
VALUES = "Array.from(document.querySelectorAll('input[type=range]'), s => Number(s.value))"
STOPS = """Array.from(document.querySelectorAll("a[href], summary, input, button, [tabindex='0']"))
  .filter(e => e.getClientRects().length && (e.type !== "radio" || e.checked))"""
FOCUSED = f"[({STOPS}).indexOf(document.activeElement), " + (
    "getComputedStyle(document.activeElement).outlineStyle]"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages, written once."""
    out = tmp_path_factory.mktemp("pages")
    notes.write(NAMES, ",".join(LANGUAGES), "html", out)
    return out


@pytest.fixture(scope="module")
def web() -> Iterator[Browser]:
    with browser() as made:
        yield made


@pytest.fixture(params=LANGUAGES)
def page(request: pytest.FixtureRequest, folder: Path, web: Browser) -> Browser:
    """The chapter in one language, freshly opened."""
    web.open(folder / request.param / "chapter.html")
    return web


def test_no_error_and_every_formula_is_drawn(page: Browser) -> None:
    page.run(OPEN)
    found = page.run(DRAWN)
    assert found["all"] > 300 and found["hidden"] == 0 and found["unknown"] == []
    assert page.said == []


def test_the_panel_shows_what_the_kernel_computes(page: Browser) -> None:
    cases = [{"z": z, "t": t} for z in LOGITS for t in range(3)]
    rows = page.run(PANEL.replace("CASES", json.dumps(cases)))
    z, labels = (np.array([c[key] for c in cases]) for key in "zt")
    value, grad = compile("cross_entropy", target="numpy", dtype="float64").value_and_grad(
        z, labels, reduction="none"
    )
    p = compile("softmax", target="numpy", dtype="float64").value(z)
    np.testing.assert_allclose([r["loss"] for r in rows], value, rtol=4e-15)
    np.testing.assert_allclose([r["gradient"] for r in rows], grad, rtol=4e-15)
    np.testing.assert_allclose([r["p"] for r in rows], p, rtol=4e-15)


def test_the_keyboard_reaches_everything_in_order_and_works_it(page: Browser) -> None:
    count = page.run(f"({STOPS}).length")
    assert count > 80
    seen = []
    for _ in range(count):
        page.press("Tab")
        seen.append(page.run(FOCUSED))
    assert seen == [[place, "solid"] for place in range(count)]
    page.run("document.querySelector('.step > summary').focus()")
    page.press("Enter")
    assert page.run("document.querySelector('.step').open")
    page.run("document.querySelector('input[type=range]').focus()")
    loss = page.run("document.getElementById('loss').textContent")
    page.press("ArrowRight")
    assert page.run(VALUES) == [2.1, 1.0, 0.1]
    assert page.run("document.getElementById('loss').textContent") != loss
    page.run("document.getElementById('panel-reset').focus()")
    page.press(" ")
    assert page.run(VALUES) == [2.0, 1.0, 0.1]


@pytest.mark.parametrize("width", [360, 390, 500])
def test_a_narrow_page_does_not_scroll_sideways(page: Browser, width: int) -> None:
    page.size(width)
    sideways = "[document.documentElement, document.querySelector('.panel')]"
    assert page.run(f"{sideways}.map(e => e.scrollWidth - e.clientWidth)") == [0, 0]


CUT = """Array.from(document.querySelectorAll(".chain, .formula"))
  .filter(e => e.scrollWidth > e.clientWidth + 1).length"""


@pytest.mark.parametrize("lang", LANGUAGES)
def test_long_lines_are_set_smaller_and_their_reasons_stand_under_them(
    lang: str, folder: Path, web: Browser
) -> None:
    """On a screen and on paper nothing of a derivation is cut off; without the widths that the
    page states, the quotient rule of soft Dice would be."""
    for width, media in ((1000, ""), (720, "print")):
        web.open(folder / lang / "soft_dice.html", width=width, media=media)
        assert web.run(CUT) == 0
    web.run("document.querySelectorAll('[style]').forEach(e => e.removeAttribute('style'))")
    assert web.run(CUT) > 0


@pytest.mark.parametrize("width", [360, 390])
def test_no_claim_is_cut_off_on_a_phone(page: Browser, width: int) -> None:
    """A number that finds no room beside its formula stands under it."""
    page.size(width)
    claims = CUT.replace(".chain, ", "")
    assert page.run(claims) == 0
    page.run("document.querySelectorAll('.formula').forEach(e => e.style.flexWrap = 'nowrap')")
    assert page.run(claims) > 0


def test_opened_steps_of_the_chapter_fit_a_phone(page: Browser) -> None:
    """The lines before the steps are as wide as those after them."""
    page.size(390)
    page.run(OPEN)
    assert page.run(CUT) == 0
    page.run("document.querySelectorAll('.was').forEach(e => e.removeAttribute('style'))")
    assert page.run(CUT) > 0


# Legible, and to be heard.


def unnamed(web: Browser) -> list[Any]:
    """What can be worked, and has no name that a screen reader could say."""
    return [
        (n["role"]["value"], n["nodeId"])
        for n in web.tree()
        if any(p["name"] == "focusable" for p in n.get("properties", []))
        and not n.get("name", {}).get("value", "").strip()
    ]


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", [*NAMES, "index"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_page_is_legible_and_has_names(
    lang: str, name: str, look: str, folder: Path, web: Browser
) -> None:
    dark, media = LOOKS[look]
    web.open(folder / lang / f"{name}.html", dark=dark, media=media)
    web.run(OPEN)
    found = web.run(AUDIT)
    assert found["faults"] == [] and found["pairs"] > (1000 if name == "chapter" else 2)
    assert unnamed(web) == []
    assert web.run("document.documentElement.lang") == {"en": "en", "zh": "zh-CN"}[lang]


PLANTED = {
    "contrast 3.": "<p style='color: #888'>grey</p>",
    "contrast 1.": "<p style='color: #fff; opacity: 1'>white</p>",
    "heading of level 6 after": "<h6>deep</h6>",
    "not one h1": "<h1>two</h1>",
    "without a text": "<math><semantics><mi>x</mi></semantics></math>",
    "without its name": "<table><tr><th scope=col></th></tr></table>",
}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_seen(fault: str, folder: Path, web: Browser) -> None:
    web.open(folder / "en" / "huber.html")
    web.run(f"document.querySelector('main').insertAdjacentHTML('beforeend', `{PLANTED[fault]}`)")
    assert any(fault in found for found in web.run(AUDIT)["faults"])


def test_planted_errors_requests_and_nameless_controls_are_heard(
    folder: Path, web: Browser
) -> None:
    text = (folder / "en" / "huber.html").read_text(encoding="utf-8")
    wrong = folder / "wrong.html"
    planted = (
        "<script>console.error('planted')</script><img alt='' src='http://127.0.0.1:9/x.png'>"
        "<button></button></body>"
    )
    wrong.write_text(text.replace("</body>", planted), encoding="utf-8")
    web.open(wrong)
    assert "planted" in web.said and any("127.0.0.1" in said for said in web.said)
    assert [role for role, _ in unnamed(web)] == ["button"]
