// SPDX-License-Identifier: GPL-2.0-or-later
// Texts whose colour is too near to what is behind them: WCAG 2, "Contrast (Minimum)".
const channel = (c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
const numbers = (text) => text.match(/[\d.]+/g).map(Number);
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const behind = (e) => {
	for (; e; e = e.parentElement) {
		const c = numbers(getComputedStyle(e).backgroundColor);
		if (c.length === 3 || c[3] === 1)
			return c;
	}
	return [255, 255, 255];
};
const bad = new Set();
for (const e of document.querySelectorAll("body *")) {
	const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
	if (!own || !e.checkVisibility() || e.closest("[aria-disabled], script"))
		continue;
	const a = light(numbers(getComputedStyle(e).color)), b = light(behind(e));
	if ((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5)
		bad.add(`${e.tagName}.${e.className}: ${e.textContent.trim().slice(0, 30)}`);
}
return [...bad];
