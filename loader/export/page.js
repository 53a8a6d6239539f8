// SPDX-License-Identifier: GPL-2.0-or-later
// The page again, every now and then: what differs is put in its place, so that focus, selection
// and what is unfolded stay. Search, order and page are in the address, as without a script.
"use strict";
(() => {
	const live = document.getElementById("live");
	const said = document.getElementById("said");
	const pause = document.getElementById("pause");
	const every = Number(document.documentElement.dataset.refresh);
	let timer = 0, asked = 0, paused = false, failed = 0;

	function patchAttributes(from, to) {
		for (const a of to.attributes)
			if (from.getAttribute(a.name) !== a.value)
				from.setAttribute(a.name, a.value);
		for (const a of [...from.attributes])
			if (!to.hasAttribute(a.name) && a.name !== "open")
				from.removeAttribute(a.name);
	}

	function patch(from, to) {
		if (from.nodeName !== to.nodeName || from.dataset?.key !== to.dataset?.key) {
			from.replaceWith(to);
			return;
		}
		if (from.nodeType === Node.TEXT_NODE) {
			if (from.data !== to.data)
				from.data = to.data;
			return;
		}
		patchAttributes(from, to);
		const want = [...to.childNodes];
		want.forEach((w, i) => {
			if (from.childNodes[i])
				patch(from.childNodes[i], w);
			else
				from.append(w);
		});
		while (from.childNodes.length > want.length)
			from.lastChild.remove();
		// what somebody types or chooses is theirs
		if (from.matches("select") && from !== document.activeElement)
			from.value = to.value;
	}

	async function refresh() {
		const turn = ++asked;
		clearTimeout(timer);
		try {
			const answer = await fetch(location.href, { cache: "no-store" });
			if (!answer.ok)
				throw new Error(answer.statusText);
			const text = await answer.text();
			if (turn !== asked)
				return; // a later question is on its way
			patch(live, new DOMParser().parseFromString(text, "text/html").getElementById("live"));
			said.textContent = "";
			failed = 0;
		} catch {
			failed = failed || Date.now();
			const s = Math.round((Date.now() - failed) / 1000);
			said.textContent = `No answer from ipso for ${s} s: what is shown is old.`;
		}
		plan();
	}

	function plan() {
		clearTimeout(timer);
		if (!paused && !document.hidden)
			timer = setTimeout(refresh, every);
	}

	function go(url) {
		history.replaceState(null, "", url);
		refresh();
	}

	function ask() {
		const form = live.querySelector("form");
		go("?" + new URLSearchParams(new FormData(form)));
	}

	function toggle() {
		paused = !paused;
		pause.textContent = paused ? "Go on" : "Pause";
		if (paused)
			plan();
		else
			refresh();
	}

	let typed = 0;
	live.addEventListener("input", (e) => {
		clearTimeout(typed);
		typed = setTimeout(ask, e.target.matches("input") ? 200 : 0);
	});
	live.addEventListener("submit", (e) => {
		e.preventDefault();
		ask();
	});
	live.addEventListener("click", (e) => {
		const a = e.target.closest("th a, .pages a");
		if (!a || e.ctrlKey || e.metaKey || e.shiftKey)
			return;
		e.preventDefault();
		go(a.getAttribute("href"));
	});
	document.addEventListener("keydown", (e) => {
		if (e.target.matches("input, select") || e.ctrlKey || e.metaKey || e.altKey)
			return;
		if (e.key === "/") {
			e.preventDefault();
			document.getElementById("search").focus();
		} else if (e.key === "p") {
			toggle();
		}
	});
	document.addEventListener("visibilitychange", plan);
	pause.addEventListener("click", toggle);
	document.documentElement.classList.add("scripted");
	plan();
})();
