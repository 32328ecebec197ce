"use strict";
// Renews the page when a new evaluation comes; without this script the page is the same, renewed by hand.
(() => {
  const SAY_EVERY_MS = 60000; // Screen readers are told at most once a minute.
  const WHEN_AWAY_MS = 60000; // Asked again, where the stream is not to be had.
  const SPREAD_MS = 1500; // Readers of one page do not all ask in the same moment.
  const body = document.body;
  let at = body.dataset.at || "";
  let said = 0;
  let waiting = 0;

  const main = () => document.getElementById("main");

  function place(element) {
    if (!element || !main().contains(element)) return null;
    if (element.id) return `#${CSS.escape(element.id)}`;
    const href = element.getAttribute("href");
    return href ? `a[href="${CSS.escape(href)}"]` : null;
  }

  function tellAge() {
    const time = document.querySelector("time.as-of");
    const ago = document.querySelector(".ago");
    if (!time || !ago) return;
    const seconds = Math.round((Date.now() - Date.parse(time.dateTime)) / 1000);
    if (!(seconds >= 0)) return;
    const format = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });
    const [number, unit] = seconds < 90 ? [seconds, "second"] : seconds < 5400 ? [Math.round(seconds / 60), "minute"] : [Math.round(seconds / 3600), "hour"];
    ago.textContent = ` · ${format.format(-number, unit)} `;
  }

  async function renew() {
    waiting = 0;
    const selection = document.getSelection();
    if (selection && !selection.isCollapsed) return later();
    let answer;
    try {
      answer = await fetch(location.href, { cache: "no-cache" });
    } catch {
      return;
    }
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!at && fresh.body.dataset.at) return location.reload();
    const found = fresh.getElementById("main");
    if (!found || (fresh.body.dataset.at || "") === at) return;
    at = fresh.body.dataset.at || "";
    const open = [...main().querySelectorAll("details")].map((one) => one.open);
    const focused = place(document.activeElement);
    main().replaceChildren(...found.childNodes);
    main().querySelectorAll("details").forEach((one, number) => { one.open = open[number] || false; });
    if (focused) main().querySelector(focused)?.focus({ preventScroll: true });
    const foot = fresh.querySelector(".bottom");
    if (foot) document.querySelector(".bottom").replaceWith(foot);
    const instant = main().querySelector(".instant");
    if (instant) instant.classList.add("renewed");
    tellAge();
    if (Date.now() - said > SAY_EVERY_MS) {
      said = Date.now();
      const time = document.querySelector("time.as-of");
      if (time) document.querySelector(".status").textContent = body.dataset.updated.replace("{moment}", time.textContent);
    }
  }

  function later(delay = Math.random() * SPREAD_MS) {
    if (!waiting) waiting = setTimeout(renew, delay);
  }

  function listen() {
    const stream = new EventSource(body.dataset.live);
    stream.addEventListener("evaluation", (event) => { if (event.data !== at) later(); });
    stream.onerror = () => {
      // The browser comes back by itself, unless it was refused: then ask now and then.
      if (stream.readyState !== EventSource.CLOSED) return;
      later(WHEN_AWAY_MS * (0.5 + Math.random()));
      setTimeout(listen, WHEN_AWAY_MS * (0.5 + Math.random()));
    };
    addEventListener("pagehide", () => stream.close(), { once: true });
  }

  addEventListener("pageshow", (event) => { if (event.persisted) { later(0); listen(); } });
  tellAge();
  setInterval(tellAge, 10000);
  listen();
})();
