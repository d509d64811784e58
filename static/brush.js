// The histogram's bars under pointer and keyboard: what a bar stands for is read
// out beside it, a stretch is marked by dragging or with Shift, and zoomed into.
// An element [data-brush] says how many bars there are in data-n and, a line for
// each, what they stand for in data-says; the page hears of zooming alone.
"use strict";

(() => {
  let brush = null, at = -1, anchor = -1; // bars
  let dragging = false;

  const count = () => +brush.dataset.n;
  const mark = () => brush.querySelector("[data-mark=brush]");

  function draw() {
    const n = count(), a = Math.min(at, anchor < 0 ? at : anchor), b = Math.max(at, anchor);
    const rect = mark(), says = brush.dataset.says.split("\n");
    const readout = document.getElementById(brush.dataset.brush);
    if (at < 0 || n < 1) {
      rect.setAttribute("width", 0);
      if (readout) readout.textContent = "";
      return;
    }
    rect.setAttribute("x", a / n * 100 + "%");
    rect.setAttribute("width", (b - a + 1) / n * 100 + "%");
    rect.dataset.many = b > a;
    const [first, final] = [says[a].split("\t"), says[b].split("\t")];
    let total = 0;
    for (let i = a; i <= b; i++) total += +says[i].split("\t")[2];
    const text = [first[0] + "–" + final[1], total.toLocaleString("en") + (total === 1 ? " entry" : " entries")]
      .concat(b > a ? [dragging ? "let go to zoom" : "Enter to zoom"] : first.slice(3)).join("\t");
    if (readout) readout.textContent = text.replaceAll("\t", "\n");
    brush.setAttribute("aria-valuenow", at);
    brush.setAttribute("aria-valuetext", text.replaceAll("\t", ", "));
  }

  function take(el) {
    if (brush !== el) [brush, at, anchor] = [el, -1, -1];
  }

  function barAt(ev) {
    const r = brush.getBoundingClientRect();
    return Math.min(Math.max(Math.floor((ev.clientX - r.left) / r.width * count()), 0), count() - 1);
  }

  function zoom() {
    if (at < 0) return;
    const a = anchor < 0 ? at : anchor, n = count();
    window.logpaneBrushed?.(Math.min(a, at) / n, (Math.max(a, at) + 1) / n);
    clear();
  }

  function clear() {
    dragging = false;
    at = anchor = -1;
    if (brush) draw();
  }

  const inBrush = (ev) => ev.target.closest?.("[data-brush]");

  document.addEventListener("pointermove", (ev) => {
    if (!dragging) {
      const el = inBrush(ev);
      if (!el) {
        if (brush && anchor < 0 && at >= 0 && document.activeElement !== brush) clear();
        return;
      }
      take(el);
      if (anchor >= 0) return;
    }
    const to = barAt(ev);
    if (to === at) return;
    at = to;
    draw();
  }, { passive: true });

  document.addEventListener("pointerdown", (ev) => {
    const el = inBrush(ev);
    if (!el || ev.button !== 0 || +el.dataset.n < 1) return;
    take(el);
    dragging = true;
    at = anchor = barAt(ev);
    el.setPointerCapture(ev.pointerId);
    draw();
  });

  document.addEventListener("pointerup", () => {
    if (!dragging) return;
    dragging = false;
    if (at !== anchor) return zoom(); // a click chooses a bar and no more
    anchor = -1;
    draw();
  });
  document.addEventListener("pointercancel", () => { if (dragging) clear(); });
  document.addEventListener("dblclick", (ev) => {
    if (!inBrush(ev)) return;
    at = barAt(ev);
    zoom();
  });

  document.addEventListener("keydown", (ev) => {
    const el = inBrush(ev);
    if (!el || ev.ctrlKey || ev.metaKey || ev.altKey) return;
    take(el);
    const n = count(), start = at < 0 ? n : at;
    const to = { ArrowLeft: start - 1, ArrowRight: at < 0 ? n - 1 : at + 1, Home: 0, End: n - 1, PageUp: start - 10, PageDown: start + 10 }[ev.key];
    if (to !== undefined) {
      if (!ev.shiftKey) anchor = -1;
      else if (anchor < 0 && at >= 0) anchor = at;
      at = Math.min(Math.max(to, 0), n - 1);
      draw();
    } else if (ev.key === "Enter" && at >= 0) {
      zoom();
    } else if (ev.key === "Escape" && at >= 0) {
      clear();
    } else {
      return;
    }
    ev.preventDefault();
    ev.stopPropagation();
  }, { capture: true });

  document.addEventListener("focusout", (ev) => { if (inBrush(ev) && !dragging) clear(); });
})();
