// Fetches an export and keeps it as a file while it comes. Its bytes never pass through
// the page's program, and never wait here: browsers that let a page write a file are
// given each piece as it comes, others keep pieces as blobs, which live outside of the
// page's memory. The program learns how far it is, and words the end.
//
// At most two lines are held back: the last whole one and what came after it, because
// how a file ends depends on both.
//
// A file of CSV begins with a byte order mark, which spreadsheets need to read it as
// UTF-8. What comes has none: scripts want none.
"use strict";

var logpaneExport = (() => {
  const piece = 1 << 20; // bytes that are written at once
  const pause = 250;     // ms between two reports
  const start = 4096;    // bytes of a line that are reported
  const slice = 8;       // ms of work between two chances for the browser to draw

  const marks = { "text/csv": new Uint8Array([0xef, 0xbb, 0xbf]) }; // by media type

  const join = (a, b) => {
    if (a.length === 0) return b;
    const out = new Uint8Array(a.length + b.length);
    out.set(a);
    out.set(b, a.length);
    return out;
  };
  const text = (bytes) => new TextDecoder().decode(bytes);

  // lines cuts what comes at line ends. quoted: a line end between double quotes ends none.
  const lines = (quoted) => {
    let held = new Uint8Array(0), last = 0, end = 0, seen = 0, inside = false;
    const l = {
      count: 0,
      line: () => held.subarray(last, end),
      rest: () => held.subarray(end),
      // take returns what comes before the last whole line.
      take(bytes) {
        held = join(held, bytes);
        const ended = (at) => { l.count++; last = end; end = at; };
        if (!quoted) {
          for (let at = seen; (at = held.indexOf(10, at)) >= 0;) ended(++at);
        } else {
          for (let at = seen; at < held.length; at++) {
            const b = held[at];
            if (b === 34) inside = !inside;
            else if (b === 10 && !inside) ended(at + 1);
          }
        }
        const out = held.subarray(0, last);
        held = held.slice(last);
        end -= last;
        last = 0;
        seen = held.length;
        return out;
      },
    };
    return l;
  };

  // What is there already is read without the browser ever coming in between: rest lets it.
  const channel = new MessageChannel();
  const rest = () => new Promise((done) => { channel.port1.onmessage = done; channel.port2.postMessage(0); });

  // pieces gathers what is written until it is worth a write.
  const pieces = (put) => {
    let waiting = [], size = 0;
    const flush = async () => {
      if (size === 0) return;
      const blob = new Blob(waiting);
      waiting = [];
      size = 0;
      await put(blob);
    };
    return {
      flush,
      async write(bytes) {
        if (bytes.length === 0) return;
        waiting.push(bytes);
        size += bytes.length;
        if (size >= piece) await flush();
      },
    };
  };

  const intoFile = async (handle) => {
    const out = await handle.createWritable(), p = pieces((blob) => out.write(blob));
    return { write: p.write, close: async () => { await p.flush(); await out.close(); }, drop: () => out.abort().catch(() => {}) };
  };

  const intoBlobs = (name, type) => {
    const all = [], p = pieces((blob) => { all.push(blob); });
    return {
      write: p.write,
      async close() {
        await p.flush();
        const link = document.createElement("a"), address = URL.createObjectURL(new Blob(all, { type }));
        link.href = address;
        link.download = name;
        link.click();
        setTimeout(() => URL.revokeObjectURL(address), 60_000); // the browser reads it after the click
      },
      drop() {},
    };
  };

  // choose asks for the file. undefined: the browser cannot write one, so that the file
  // goes where downloads go; null: the reader wants none.
  const choose = async (name, type) => {
    if (typeof globalThis.showSaveFilePicker !== "function") return undefined;
    try {
      return await showSaveFilePicker({ suggestedName: name, types: [{ accept: { [type]: [name.slice(name.lastIndexOf("."))] } }] });
    } catch (err) {
      return err.name === "AbortError" ? null : undefined;
    }
  };

  // on takes, and answers where it says so:
  //   left()                            the reader wanted none after all
  //   refused(status, type, text)       no entry came; status 0: no answer did
  //   moved(lines, bytes, line)         whole lines and bytes so far, and how the last line begins
  //   ends(how, line, rest, lines)      nothing more comes: "done", "canceled" or "cut"; answers what
  //                                     to write in place of the last line and of what came after it
  //   saved(bytes)
  //   failed(text)                      the file could not be written
  return (url, name, type, quoted, on) => {
    const abort = new AbortController();
    let canceled = false, over = false;
    const warn = (ev) => { ev.preventDefault(); ev.returnValue = ""; };
    const left = () => on("left");

    const run = async () => {
      const handle = await choose(name, type);
      if (handle === null || canceled) return left();
      const none = () => handle?.remove?.().catch(() => {}); // the empty one that the browser made
      let answer;
      try {
        answer = await fetch(url, { credentials: "same-origin", redirect: "error", cache: "no-store", headers: { "X-Logpane": "1" }, signal: abort.signal });
        if (!answer.ok) {
          const said = await answer.text();
          none();
          return on("refused", answer.status, answer.headers.get("content-type") || "", said);
        }
      } catch {
        none();
        return canceled ? left() : on("refused", 0, "", "");
      }

      let file, bytes = 0, told = 0, rested = performance.now();
      const cut = lines(quoted), reader = answer.body.getReader();
      try {
        file = handle ? await intoFile(handle) : intoBlobs(name, type);
        const mark = marks[type] || new Uint8Array(0);
        bytes = mark.length;
        await file.write(mark);
        let how = "done";
        for (;;) {
          let part;
          try {
            part = await reader.read();
          } catch {
            how = canceled ? "canceled" : "cut";
            break;
          }
          if (part.done) break;
          bytes += part.value.length;
          await file.write(cut.take(part.value));
          const now = performance.now();
          if (now - told >= pause && !canceled) {
            told = now;
            on("moved", cut.count, bytes, text(cut.line().subarray(0, start)));
          }
          if (now - rested >= slice) {
            await rest();
            rested = performance.now();
          }
        }
        const end = new TextEncoder().encode(on("ends", how, text(cut.line()), text(cut.rest()), cut.count));
        bytes += end.length - cut.line().length - cut.rest().length;
        await file.write(end);
        await file.close();
        on("saved", bytes);
      } catch (err) {
        abort.abort();
        file?.drop();
        on("failed", err.message || String(err));
      }
    };

    addEventListener("beforeunload", warn);
    run().finally(() => { over = true; removeEventListener("beforeunload", warn); });
    return () => {
      if (over) return;
      canceled = true;
      abort.abort();
    };
  };
})();
