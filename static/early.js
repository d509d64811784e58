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
  if (setting("limit") && view.get("q")?.includes("%")) return none; // a share of the reader's own limit
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

  // What the reader set, as the page keeps it; blocked storage is none set.
  function setting(name) {
    try {
      return localStorage.getItem("logpane." + name) || "";
    } catch {
      return "";
    }
  }

  // As part.Grid draws columns: name, title, class of the cells, whether phones show it.
  const columns = [
    ["time", "Time", "fixed time", true], ["level", "Level", "lv", true], ["target", "Target", "src", true],
    ["status", "Status", "num st", false], ["took", "Took", "num took", false], ["summary", "Summary", "sum", true],
  ].filter(([name]) => name !== "target" || src.length > 1);

  // The reader's own columns and another order are left to the application.
  function usual() {
    const vendors = [...new Set(src.map((s) => s.split("/")[0]))];
    const cols = view.get("cols"); // a shared link names those, too, that are the usual ones
    return /^(-ts)?$/.test(view.get("sort") || "") &&
      (cols ? cols === columns.map(([name]) => name).join() : !kept("cols")[vendors.length > 1 ? "mixed" : vendors[0]]);
  }

  // A setting that is an object; what is not as the page writes it counts as none.
  function kept(name) {
    try {
      return JSON.parse(setting(name)) || {};
    } catch {
      return {};
    }
  }

  function width(name, kind) {
    const px = kept("widths")[name];
    if (px > 0) return px + "px";
    return `var(--w-${kind.split(" ").pop()})`;
  }

  function inside(parent, className) {
    const el = element("div", className);
    parent.append(el);
    return el;
  }

  // As store.Mark.
  function mark(e) {
    const status = e.status || 0;
    if (e.level === "warning" && e.outcome === "failed" && status < 500) return "warn";
    if (/^(error|critical)$/.test(e.level) || /^(failed|rejected)$/.test(e.outcome) || status >= 500) return "err";
    if (e.level === "warning" || e.outcome === "warned" || status >= 400 || e.attempt > 1) return "warn";
    if (e.outcome === "succeeded") return /^(elasticpath|moltin)\//.test(e.src) || /^coveo\//.test(e.src) && /^INDEXING /.test(e.summary) ? "ok" : "";
    return /^(debug|trace)$/.test(e.level) || e.outcome === "skipped" ? "quiet" : "";
  }

  // What the column Level says, as viewer's word.
  function word(e, mark) {
    const { level = "", outcome = "", attempt } = e;
    if (mark === "err") return /^(error|critical)$/.test(level) ? level : outcome && outcome !== "succeeded" ? outcome : "error";
    if (mark === "warn") return level !== "warning" && attempt > 1 ? "retry " + (attempt - 1) : outcome === "failed" ? outcome : "warning";
    return mark === "ok" || mark === "quiet" && outcome === "skipped" ? outcome : level || outcome;
  }

  // What rows of a target are marked with, as viewer.Lane.Name: "A2 products".
  const letter = (address) => /^[a-z]/.test(address) ? address[0].toUpperCase() : "?";
  function named(address) {
    const path = address.split("/"), same = src.filter((s) => letter(s) === letter(address));
    return letter(address) + (same.length > 1 ? same.indexOf(address) + 1 : "") + " " + decodeURIComponent(path[path.length - 1]);
  }

  // The row that was clicked before the application could open it.
  let clicked = "";
  function click(ev) {
    const row = ev.target.closest("[role=row]");
    if (!row || ev.ctrlKey || ev.metaKey || !getSelection().isCollapsed) return;
    document.querySelector("#early [aria-busy]")?.removeAttribute("aria-busy");
    row.setAttribute("aria-busy", "true");
    clicked = row.dataset.id;
  }

  // Covers what app/redact covers, more roughly and without tags: too much for a moment
  // is better than too little.
  const covers = [
    [/:\/\/[^\s/@"']+:[^\s/@"']+@/g, "://[masked]@"],
    [/[\p{L}\p{N}._+%-]+(?:@|%40)[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/gu, "[e-mail]"],
    [/(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)/g, "[ip]"],
    [/(?<![\w:])(?:(?:[\da-f]{1,4}:){7}[\da-f]{1,4}|(?:[\da-f]{1,4}(?::[\da-f]{1,4})*)?::(?:[\da-f]{1,4}(?::[\da-f]{1,4})*)?)(?![\w:])/gi, "[ip]"],
    [/\b(bearer|basic)( +)[^\s"',;]{8,}/gi, "$1$2[masked]"],
    [/((?:user|customer|session|visitor|member)[_-]?(?:id|token|name)|[\w-]*(?:token|api[_-]?key|password|passwd|pwd|secret|signature|cookie|authorization|e?mail|phone|number|address)|(?:first|last|full|given|family|company)[_-]?name|postcode|zip|line[_-]?[123])(\\*["']?\s*[:=]\s*)(?:\\*"[^"]*|\\*'[^']*|[^\s"'&,;\\]+)/gi, "$1$2[masked]"],
    [/\beyJ[\w-]+\.[\w.-]+|\b(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{20,}|\b(?:[srw]k_|whsec_|gh[opusr]_|github_pat_|glpat-|xox[abprs]-|sk-|hf_|lgp_|AKIA|ASIA|AIza)[\w-]{12,}/g, "[masked]"],
    [/(?<![\w.])\d(?:[ -]?\d){13,18}(?![\w.])/g, "[masked]"],
  ];
  const covered = (text) => covers.reduce((s, [what, by]) => s.replace(what, by), text);

  function draw(entries) {
    const clock = zone();
    if (gone || !clock || entries.length === 0 || !usual()) return;
    const layer = element("div", "early"), wide = innerWidth > 900;
    layer.id = "early";
    layer.dataset.density = setting("density") || "normal";
    // What stands above and beside the rows, in its place and empty.
    inside(layer, "tools" + (view.get("q")?.trim() ? " filtered" : ""));
    const chart = setting("histogram");
    if (chart ? chart === "1" : innerWidth > 640) inside(layer, "histogram");
    inside(layer, "coverage").dataset.lanes = Math.min(src.length, 3);
    const table = inside(layer, "table");
    if (wide && setting("facets") !== "0") inside(table, "facets");
    const grid = inside(table, "grid" + (view.get("wrap") === "1" ? " wrap" : ""));
    grid.setAttribute("role", "grid");
    grid.setAttribute("aria-label", "Log entries");
    grid.style.setProperty("--cols", columns.map(([name, , kind]) => width(name, kind)).join(" "));
    grid.style.setProperty("--cols-phone", columns.filter(([, , , phone]) => phone).map(([name, , kind]) => `var(--w-${kind.split(" ").pop()})`).join(" "));
    const all = inside(inside(grid, "rows-scroll"), "rows-all"), head = inside(all, "rows-head"), rows = inside(all, "rows");
    const probe = inside(grid, "row-probe");
    const cellClass = ([, , kind, phone]) => "cell " + kind + (phone ? "" : " wide");
    for (const c of columns) {
      const cell = element("div", "head " + cellClass(c));
      cell.append(element("span", "head-name", c[1]));
      head.append(cell);
    }
    rows.addEventListener("click", click);
    document.body.append(layer);
    const height = probe.getBoundingClientRect().height || 28;
    const fit = Math.ceil(innerHeight / height);
    entries.slice(0, fit).forEach((e, i) => {
      const marked = mark(e);
      const row = element("div", "log-row" + (marked && " mark-" + marked) + (e.status > 0 && e.status < 400 ? " answered" : "") + (e.outcome === "skipped" ? " skipped" : ""));
      row.setAttribute("role", "row");
      row.dataset.id = e.id;
      row.style.setProperty("transform", `translateY(${i * height}px)`);
      const at = e.time ? new Date(e.time) : null, digits = /\.(\d{1,3})/.exec(e.time || "");
      const texts = {
        time: at ? clock.format(at) + (digits ? "." + digits[1] : "") : "", level: word(e, marked),
        target: named(e.src), status: e.status || "", took: took(e.took_ms), summary: covered(e.summary || ""),
      };
      for (const c of columns) {
        const cell = element("span", cellClass(c), texts[c[0]]);
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
      if (!mine) this.done(false);
      return mine;
    },

    // The application draws from now on: its rows are there, or will be.
    done(drawn = true) {
      gone = true;
      document.getElementById("early")?.remove();
      if (!clicked || !drawn) return;
      const id = clicked;
      clicked = "";
      setTimeout(() => [...document.querySelectorAll("[role=row]")].find((r) => r.dataset.id === id)?.click());
    },
  };
})();
