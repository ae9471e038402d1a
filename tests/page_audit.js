/* What is hard to read or to use in this page; each entry names its place. */
(function () {
  const parse = function (text) {
    const found = (text.match(/[\d.]+/g) || []).map(Number);
    return { rgb: found.slice(0, 3), a: found.length > 3 ? found[3] : 1 };
  };
  const over = function (top, below) {
    return top.rgb.map(function (c, i) { return c * top.a + below[i] * (1 - top.a); });
  };
  const light = function (rgb) {
    const part = rgb.map(function (c) {
      const s = c / 255;
      return s <= 0.04045 ? s / 12.92 : Math.pow((s + 0.055) / 1.055, 2.4);
    });
    return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
  };
  const contrast = function (a, b) {
    const pair = [light(a), light(b)].sort(function (x, y) { return y - x; });
    return (pair[0] + 0.05) / (pair[1] + 0.05);
  };
  const paper = function (element) {
    const layers = [];
    for (let e = element; e; e = e.parentElement) { layers.push(parse(getComputedStyle(e).backgroundColor)); }
    return layers.reverse().reduce(function (below, layer) { return over(layer, below); }, [255, 255, 255]);
  };
  const under = function (text) {
    text.scrollIntoView({ block: "center" });
    const box = text.getBoundingClientRect();
    const met = document.elementsFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    const shape = met.find(function (e) {
      return e.ownerSVGElement && !e.closest("text") && getComputedStyle(e).fill !== "none";
    });
    return shape ? parse(getComputedStyle(shape).fill).rgb : paper(text);
  };

  const faults = [];
  let pairs = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !e.getClientRects().length || e.closest("script, style, annotation")) { continue; }
    const drawn = Boolean(e.ownerSVGElement);
    const style = getComputedStyle(e);
    const ground = drawn ? under(e) : paper(e);
    const ratio = contrast(over(parse(drawn ? style.fill : style.color), ground), ground);
    pairs += 1;
    if (ratio < 4.5) { faults.push("contrast " + ratio.toFixed(2) + " of " + walker.currentNode.data.trim().slice(0, 30)); }
  }
  let level = 0;
  document.querySelectorAll("h1, h2, h3, h4, h5, h6").forEach(function (h) {
    const now = Number(h.tagName[1]);
    if (now > level + 1) { faults.push("heading of level " + now + " after " + level + ": " + h.textContent); }
    level = now;
  });
  if (document.querySelectorAll("h1").length !== 1) { faults.push("not one h1"); }
  if (!document.documentElement.lang) { faults.push("no language"); }
  document.querySelectorAll("math semantics").forEach(function (m) {
    if (!m.parentElement.getAttribute("alttext")) { faults.push("a formula without a text"); }
  });
  document.querySelectorAll("th").forEach(function (t) {
    if (!t.scope || !(t.textContent.trim() || t.getAttribute("aria-label"))) { faults.push("a head of a column without its name"); }
  });
  return { pairs: pairs, faults: Array.from(new Set(faults)) };
}());
