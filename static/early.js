// Shows the first entries before the application is there. The address says what
// to ask for; the answer is drawn as the log table will draw it, and handed to
// the application, which asks for nothing twice. Downloading the application
// waits until then, because on a slow line it would take the line for itself.
// What this cannot do, it leaves alone: the application then asks by itself.
"use strict";

// var, so that the application finds it on the global object.
var logpaneEarly = (() => {
  const none = { now: 0, shown: Promise.resolve(), take: () => null, done() {} };
  const view = new URLSearchParams(location.search);
  const src = view.getAll("src").join(",").split(",").filter(Boolean);
  if (location.pathname !== "/logs" || src.length === 0) return none;

  // The same moment, written as app/viewer writes it, makes the same question.
  const now = Date.now();
  const moment = (ms) => new Date(ms).toISOString().replace(/\.?0+Z$/, "Z");
  const units = { m: 60e3, h: 3600e3, d: 86400e3 };
  function bound(text, absent) {
    if (!text) return absent;
    if (text === "all") return "";
    const ago = /^now-(\d{1,5})([mhd])$/.exec(text);
    if (ago) return moment(now - ago[1] * units[ago[2]]);
    return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d*[1-9])?Z$/.test(text) ? text : null;
  }
  const from = bound(view.get("from"), moment(now - units.d)), to = bound(view.get("to"), "");
  if (from === null || to === null) return none;
  const ask = new URLSearchParams();
  for (const [name, value] of [["from", from], ["limit", "100"], ["q", (view.get("q") || "").trim()], ["to", to]]) {
    if (value) ask.append(name, value);
  }
  for (const address of src) ask.append("src", address);

  let gone = false;
  let answer = fetch("/api/logs?" + ask, {
    credentials: "same-origin", redirect: "error", cache: "no-store", headers: { "Accept": "application/json", "X-Logpane": "1" },
  });
  // The body is there long before the deferred scripts have run.
  const body = () => new Promise((done) => {
    if (document.body) done();
    else document.addEventListener("DOMContentLoaded", done, { once: true });
  });
  const drawn = answer.then((a) => a.ok ? a.clone().json() : { entries: [] })
    .then((page) => body().then(() => draw(page.entries)))
    .catch(() => {}); // the application gets the same failure, and says so
  // A vendor may take a minute; the application is not kept waiting for it.
  const shown = Promise.race([drawn, new Promise((done) => setTimeout(done, 2000))]);

  const canonical = (query) => { const p = new URLSearchParams(query); p.sort(); return p.toString(); };

  function zone() {
    try {
      const name = view.get("tz") || localStorage.getItem("logpane.zone") || undefined;
      return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZone: name });
    } catch {
      return null; // a zone that only the application knows
    }
  }

  // As viewer.Took.
  function took(ms) {
    if (ms === undefined) return "";
    if (ms < 9.95) return (Math.round(ms * 10) / 10) + " ms";
    if (ms < 999.5) return Math.round(ms) + " ms";
    if (ms < 59950) return (Math.round(ms / 100) / 10) + " s";
    const s = Math.round(ms / 1000), min = Math.floor(s / 60);
    if (s < 3600) return min + " m" + (s % 60 ? " " + (s % 60) + " s" : "");
    return Math.floor(min / 60) + " h" + (min % 60 ? " " + (min % 60) + " m" : "");
  }

  function element(name, className, text) {
    const el = document.createElement(name);
    el.className = className;
    if (text !== undefined) el.textContent = text;
    return el;
  }

  function draw(entries) {
    const clock = zone();
    if (gone || !clock || entries.length === 0) return;
    const layer = element("div", "early"), grid = element("div", "grid" + (src.length > 1 ? "" : " one"));
    const scroller = element("div", "rows-scroll"), head = element("div", "rows-head"), rows = element("div", "rows");
    layer.id = "early";
    grid.setAttribute("role", "grid");
    grid.setAttribute("aria-label", "Log entries");
    for (const title of src.length > 1 ? ["Time", "Level", "Target", "Status", "Took", "Summary"] : ["Time", "Level", "Status", "Took", "Summary"]) {
      head.append(element("span", "cell head-" + title.toLowerCase(), title));
    }
    scroller.append(head, rows);
    grid.append(scroller);
    layer.append(grid);
    document.body.append(layer);
    // The height of the strip that will stand above: a lane per target.
    const lanes = Math.ceil(src.length / Math.max(1, Math.floor(innerWidth / 560)));
    layer.style.setProperty("--lanes", Math.min(lanes, 2));
    const height = parseFloat(getComputedStyle(grid).getPropertyValue("--row-h")) || 28;
    const fit = Math.ceil(innerHeight / height);
    entries.slice(0, fit).forEach((e, i) => {
      const bad = /^(error|critical)$/.test(e.level) || /^(failed|rejected)$/.test(e.outcome);
      const row = element("div", "log-row" + (bad ? " mark-err" : e.level === "warning" ? " mark-warn" : ""));
      row.setAttribute("role", "row");
      row.dataset.id = e.id;
      row.style.setProperty("transform", `translateY(${i * height}px)`);
      const at = e.time ? new Date(e.time) : null, digits = /\.(\d{1,3})/.exec(e.time || "");
      const path = e.src.split("/");
      for (const [name, text] of [
        ["time", at ? clock.format(at) + (digits ? "." + digits[1] : "") : ""],
        ["lv", e.level || e.outcome || ""],
        ["src", decodeURIComponent(path[path.length - 1])],
        ["num st", e.status || ""],
        ["num took", took(e.took_ms)],
        ["sum", e.summary || ""],
      ]) {
        const cell = element("span", "cell " + name, text);
        cell.setAttribute("role", "gridcell");
        row.append(cell);
      }
      rows.append(row);
    });
    rows.style.setProperty("height", Math.min(entries.length, fit) * height + "px");
  }

  return {
    now,
    shown,

    // The answer to a question of the application, if it is the one asked here.
    take(url) {
      const [path, query] = url.split("?");
      if (!answer || path !== "/api/logs") return null;
      const mine = canonical(query) === canonical(ask) ? answer : null;
      answer = null;
      if (!mine) this.done();
      return mine;
    },

    // The application draws from now on.
    done() {
      gone = true;
      document.getElementById("early")?.remove();
    },
  };
})();
