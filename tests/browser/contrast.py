"""Contrast as WCAG 2.2 measures it, of what a page shows: 4.5 for text (1.4.3), 3 for graphics (1.4.11)."""

from __future__ import annotations

import json

from browser.chromium import Page

_MEASURE = """(wanted => {
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const color = parse(getComputedStyle(at).backgroundColor);
      if (color.length < 4 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
  const measured = Object.entries(wanted).map(([name, [selector, property]]) => {
    const ratios = [...document.querySelectorAll(selector)]
      .map(e => ratio(parse(getComputedStyle(e)[property]), behind(e)));
    return [name, ratios.length ? Math.min(...ratios) : null];
  });
  return {...Object.fromEntries(measured), paper: light(behind(document.body))};
})"""


def measure_contrast(page: Page, **wanted: tuple[str, str]) -> dict[str, float]:
    """For each name the least contrast of the elements that the selector finds, in the CSS property; None: it finds
    none. ``paper`` is how light the page itself is, from 0 to 1.
    """
    measured: dict[str, float] = page.run(f"{_MEASURE}({json.dumps(wanted)})")
    return measured
