// Loads the application. It runs before the first paint, so the theme comes
// first; running it waits for wasm_exec.js, which the page defers.
"use strict";

try {
  const theme = localStorage.getItem("logpane.theme");
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is blocked: the system's theme it is.
}

// go-app asks for its settings here; logpane has none, and the answer must be a string.
function goappGetenv() { return ""; }

function logpaneBanner(text) {
  const banner = document.createElement("p"), again = document.createElement("button");
  banner.className = "banner";
  banner.setAttribute("role", "alert");
  again.type = "button";
  again.textContent = "Reload";
  again.addEventListener("click", () => location.reload());
  banner.append(text + " ", again);
  document.getElementById("boot")?.setAttribute("aria-busy", "false");
  // Last in the body: go-app owns the first element.
  document.body.append(banner);
}

// Turns the table of functions of the program back into what the build packed: see
// packTable in static/pack. Its columns come as four stretches of bytes each.
function unpackTable(memory, [at, count]) {
  const table = new DataView(memory.buffer, at), packed = new Uint8Array(memory.buffer.slice(at, at + (count << 8)));
  let from = 0;
  const column = (n) => {
    const words = new Uint32Array(n);
    for (let i = 0; i < n; i++) words[i] = packed[from + i] | packed[from + n + i] << 8 | packed[from + 2 * n + i] << 16 | packed[from + 3 * n + i] << 24;
    from += 4 * n;
    return words;
  };
  const step = (before, d) => before + (d >>> 1 ^ -(d & 1)) >>> 0;
  const entries = column(count + 1), places = column(count), fixed = [], slots = [];
  for (let w = 0; w < 11; w++) fixed.push(column(count));
  const datas = fixed[7];
  const own = (i) => fixed[10][i] >>> 24, most = fixed[10].reduce((m, w) => Math.max(m, w >>> 24), 0);
  const pcdata = column(datas.reduce((sum, n) => sum + n, 0));
  for (let s = 0; s < most; s++) {
    let n = 0;
    for (let i = 0; i < count; i++) if (own(i) > s) n++;
    slots.push({ words: column(n), read: 0, last: 0 });
  }
  new Uint8Array(memory.buffer, at, from).fill(0);
  const pcsp = { last: 0 }, data = { last: 0 };
  const offset = (of, word) => word && (of.last = step(of.last, word - 1));
  let entry = 0, next = 0, read = 0;
  for (let i = 0; i <= count; i++) {
    entry = step(entry, entries[i]);
    table.setUint32(8 * i, entry, true);
    if (i === count) break; // where the last function ends
    const place = step(next, places[i]);
    table.setUint32(8 * i + 4, place, true);
    let to = place;
    const put = (word) => { table.setUint32(to, word, true); to += 4; };
    for (let w = 0; w < 11; w++) put(w === 0 ? step(entry, fixed[0][i]) : w === 4 ? offset(pcsp, fixed[4][i]) : fixed[w][i]);
    for (let d = 0; d < datas[i]; d++) put(offset(data, pcdata[read++]));
    for (let s = 0; s < own(i); s++) {
      const slot = slots[s], word = slot.words[slot.read++];
      put(word === 0xffffffff ? word : slot.last = step(slot.last, word));
    }
    next = to + 7 & ~7;
  }
}

// The application is asked for as soon as the line is free for it.
const logpaneProgram = logpaneEarly.shown.then(() => fetch(document.getElementById("app-wasm").content));
logpaneProgram.catch(() => {}); // told below

document.addEventListener("DOMContentLoaded", async () => {
  if (typeof WebAssembly !== "object" || !WebAssembly.instantiateStreaming) {
    return logpaneBanner("logpane needs WebAssembly, which this browser lacks or blocks. Allow it or use a current browser, then reload.");
  }
  if (typeof Go !== "function") return logpaneBanner("logpane did not load completely.");
  const go = new Go();
  let program;
  try {
    const answer = await logpaneProgram;
    if (!answer.ok) return logpaneBanner(`logpane did not load: the server answered ${answer.status} for the application.`);
    program = await WebAssembly.instantiateStreaming(answer, go.importObject);
  } catch (err) {
    console.error(err);
    return logpaneBanner("logpane did not load: the connection broke or the file is damaged.");
  }
  const [table] = WebAssembly.Module.customSections(program.module, "logpane.table");
  if (table) unpackTable(program.instance.exports.mem, new Uint32Array(table));
  // The Go program never ends by itself: whichever way it does, the page is dead.
  const stopped = "logpane stopped. The address keeps your view: reload to go on.";
  go.run(program.instance).then(() => logpaneBanner(stopped), (err) => { console.error(err); logpaneBanner(stopped); });
});
