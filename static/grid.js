// Draws the rows of the log table. A row element is made once and used for many
// entries; a frame arrives as one buffer of changed rows, packed by web/dom:
// rows end with U+001E, their values with U+001F:
// slot, index, class, id, selected, day that begins there, then the text of each cell.
// The columns come in the same form: name, class, width in px (0: as the style
// sheet has it), 1 where a phone shows it. What is set on the table's own element
// is data or a style property: its classes are go-app's.
"use strict";

function logpaneGrid(grid, frame, pick, resize, move, act) {
  const scroller = grid.querySelector(".rows-scroll"), sizer = grid.querySelector(".rows"), head = grid.querySelector(".rows-head");
  const decoder = new TextDecoder(), slots = [];
  const kept = []; // rows out of use that hold the reader's selection
  const probe = document.createElement("div"); // as high as a row, so that its height can be watched
  const action = document.createElement("button");
  const marks = window.Highlight && CSS.highlights ? new Highlight() : null;
  const least = 40, most = 2000; // px of a column
  let cols = [], rowHeight = 0, height = -1, inUse = 0, asked = false, open = true, sought = "", acted = -1;
  let wanted = -1; // where to scroll once the rows are as many, -1 for nowhere
  let last = { row: null, cell: null }; // where the keyboard is

  function make(slot) {
    const el = document.createElement("div");
    el.setAttribute("role", "row");
    el.className = "log-row";
    el.id = "row-" + slot;
    sizer.append(el);
    return shape({ el, cells: [], index: -1, top: NaN, away: false, shown: [], found: [], fresh: true });
  }

  // Gives a row the cells of the columns.
  function shape(s) {
    while (s.cells.length > cols.length) s.cells.pop().el.remove();
    while (s.cells.length < cols.length) {
      const el = document.createElement("span"), text = document.createTextNode("");
      el.setAttribute("role", "gridcell");
      el.setAttribute("aria-colindex", s.cells.length + 1);
      el.append(text);
      s.el.append(el);
      s.cells.push({ el, text });
    }
    s.shown.length = Math.min(s.shown.length, cols.length + 6);
    s.cells.forEach((cell, i) => {
      if (cell.el.className !== cols[i].className) cell.el.className = cols[i].className;
    });
    return s;
  }

  function show(s, i, value) {
    if (s.shown[i] === value) return;
    s.shown[i] = value;
    if (i > 5) {
      s.cells[i - 6].text.nodeValue = value;
      s.fresh = true;
    }
    else if (i === 2) s.el.className = value;
    else if (i === 3) identify(s);
    else if (i === 4) s.el.setAttribute("aria-selected", value);
    else if (value) s.el.dataset.day = value;
    else delete s.el.dataset.day;
  }

  function identify(s) {
    if (s.away) delete s.el.dataset.id;
    else s.el.dataset.id = s.shown[3];
  }

  // A row that is away keeps its boxes: made anew they would take longer than its texts.
  function setAway(s, away) {
    s.away = away;
    s.el.toggleAttribute("data-away", away);
    if (s.shown.length > 3) identify(s);
  }

  function ask() {
    if (asked || !open) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      if (open) frame(wanted < 0 ? scroller.scrollTop : wanted, scroller.clientHeight - head.offsetHeight, rowHeight);
    });
  }

  function layout() {
    const preset = (c) => `var(--w-${c.kind})`;
    grid.style.setProperty("--cols", cols.map((c) => c.width > 0 ? c.width + "px" : preset(c)).join(" "));
    grid.style.setProperty("--cols-phone", cols.filter((c) => c.phone).map(preset).join(" "));
  }

  function resized() {
    rowHeight = probe.getBoundingClientRect().height || 28;
    grid.style.setProperty("--view", scroller.clientWidth + "px");
    // Cells that stay in place while scrolling sideways cost layers: only where needed.
    grid.toggleAttribute("data-wide", scroller.scrollWidth > scroller.clientWidth);
    for (const grip of head.querySelectorAll(".grip")) grip.setAttribute("aria-valuenow", Math.round(grip.parentElement.offsetWidth));
    ask();
  }

  function clicked(ev) {
    const el = ev.target.closest("[role=row]"), slot = el && slots.find((s) => s.el === el);
    if (!slot) return;
    if (ev.type === "auxclick") {
      if (ev.button === 1) pick(slot.index, true);
      return;
    }
    // Dragging over text selects it; that is no click.
    if (getSelection().isCollapsed) pick(slot.index, ev.ctrlKey || ev.metaKey);
  }

  // A middle click opens a tab: the browser must not start scrolling by itself.
  function pressed(ev) { if (ev.button === 1) ev.preventDefault(); }

  function released() { if (kept.length > 0) ask(); }

  // --- the header: widths and places of columns -------------------------------

  const columnOf = (el) => cols.find((c) => c.name === el.closest("[data-col]")?.dataset.col);

  function widen(c, width, done) {
    c.width = width > 0 ? Math.round(Math.min(Math.max(width, least), most)) : 0;
    layout();
    resized();
    if (done) resize(c.name, c.width);
  }

  // Follows the pointer until it is let go; end is told whether it was.
  function follow(el, ev, moved, end) {
    const stop = (e) => {
      el.removeEventListener("pointermove", moved);
      el.removeEventListener("pointerup", stop);
      el.removeEventListener("pointercancel", stop);
      end(e.type === "pointerup");
    };
    el.setPointerCapture(ev.pointerId);
    el.addEventListener("pointermove", moved);
    el.addEventListener("pointerup", stop);
    el.addEventListener("pointercancel", stop);
  }

  function headDown(ev) {
    const c = columnOf(ev.target);
    if (!c || ev.button !== 0) return;
    const cell = ev.target.closest("[data-col]"), from = ev.clientX;
    if (ev.target.closest(".grip")) {
      const start = cell.offsetWidth, before = c.width;
      ev.preventDefault();
      grid.toggleAttribute("data-resizing", true);
      follow(ev.target, ev, (e) => widen(c, start + e.clientX - from), (ok) => {
        grid.toggleAttribute("data-resizing", false);
        if (!ok) widen(c, before);
        else if (c.width !== before) resize(c.name, c.width);
      });
      return;
    }
    if (!ev.target.closest(".head-name") || cell.hasAttribute("data-fixed")) return;
    const cells = [...head.querySelectorAll("[data-col]")].filter((el) => el.offsetWidth > 0);
    let to = -1, mark = null;
    follow(ev.target, ev, (e) => {
      if (to < 0 && Math.abs(e.clientX - from) < 6) return;
      cell.toggleAttribute("data-moving", true);
      cell.style.setProperty("transform", `translateX(${e.clientX - from}px)`);
      mark?.removeAttribute("data-drop");
      const at = cells.indexOf(cell), mid = (el) => { const r = el.getBoundingClientRect(); return r.left + r.width / 2; };
      to = at;
      cells.forEach((el, i) => {
        if (el.hasAttribute("data-fixed") || i === at) return;
        if (i < at && e.clientX < mid(el)) to = Math.min(to, i);
        if (i > at && e.clientX > mid(el)) to = Math.max(to, i);
      });
      mark = to === at ? null : cells[to];
      mark?.setAttribute("data-drop", to < at ? "before" : "after");
    }, (ok) => {
      mark?.removeAttribute("data-drop");
      cell.removeAttribute("data-moving");
      cell.style.removeProperty("transform");
      if (to < 0) return;
      // What was dragged was not clicked.
      const swallow = (e) => { e.stopPropagation(); e.preventDefault(); };
      cell.addEventListener("click", swallow, { capture: true, once: true });
      setTimeout(() => cell.removeEventListener("click", swallow, { capture: true }), 0);
      if (ok && mark) move(c.name, cols.findIndex((o) => o.name === cells[to].dataset.col));
    });
  }

  function headKey(ev) {
    const c = columnOf(ev.target), step = { ArrowLeft: -1, ArrowRight: 1 }[ev.key];
    if (!c || !step || ev.ctrlKey || ev.metaKey || ev.altKey || ev.target.closest("[popover]")) return;
    ev.preventDefault();
    if (ev.target.matches(".grip")) {
      widen(c, ev.target.parentElement.offsetWidth + step * (ev.shiftKey ? 40 : 8), true);
      return;
    }
    const names = [...head.querySelectorAll(".head-name")].filter((el) => el.offsetWidth > 0);
    names[names.indexOf(ev.target.closest("[data-col]").querySelector(".head-name")) + step]?.focus();
  }

  function headDouble(ev) {
    if (ev.target.matches(".grip")) widen(columnOf(ev.target), 0, true);
  }

  // The header is one stop for Tab: the column in it that had the keyboard last.
  function headFocus(ev) {
    const cell = ev.target.closest("[data-col]");
    for (const el of head.querySelectorAll(".head-name, .head-menu, .grip")) el.tabIndex = cell?.contains(el) ? 0 : -1;
  }

  // --- marks of what is sought ------------------------------------------------

  // Only rows whose text changed are looked through again.
  function markRow(s) {
    s.fresh = false;
    for (const r of s.found) marks.delete(r);
    s.found = [];
    for (const { text } of s.cells) {
      const folded = text.nodeValue.toLowerCase();
      if (folded.length !== text.nodeValue.length) continue; // places in it would be wrong
      for (let at = folded.indexOf(sought); at >= 0 && s.found.length < 100; at = folded.indexOf(sought, at + sought.length)) {
        const r = new StaticRange({ startContainer: text, startOffset: at, endContainer: text, endOffset: at + sought.length });
        marks.add(r);
        s.found.push(r);
      }
    }
  }

  // --- the button at the end of the row under the pointer ----------------------

  function point(ev) {
    const el = ev.pointerType === "mouse" && ev.target.closest("[role=row]"), slot = el && slots.find((s) => s.el === el);
    if (!slot) return;
    acted = slot.index;
    action.style.setProperty("transform", `translateY(${el.getBoundingClientRect().top - grid.getBoundingClientRect().top}px)`);
    action.hidden = false;
  }

  function unpoint() { action.hidden = true; }

  const sizes = new ResizeObserver(resized);
  probe.className = "row-probe";
  action.className = "row-act";
  action.type = "button";
  action.tabIndex = -1; // a key does the same
  action.title = "Copy link to this entry";
  action.setAttribute("aria-label", action.title);
  action.append(document.createElement("i"));
  action.firstChild.className = "i i-copy";
  action.hidden = true;
  grid.append(probe, action);
  sizes.observe(scroller);
  sizes.observe(probe);
  const listeners = [
    [scroller, "scroll", ask, { passive: true }], [sizer, "click", clicked], [sizer, "auxclick", clicked], [sizer, "mousedown", pressed],
    [head, "pointerdown", headDown], [head, "keydown", headKey], [head, "dblclick", headDouble], [head, "focusin", headFocus],
    [document, "selectionchange", released], [sizer, "pointerover", point, { passive: true }], [scroller, "scroll", unpoint, { passive: true }],
    [grid, "pointerleave", unpoint, { passive: true }], [action, "click", () => act(acted)],
  ];
  for (const [on, type, f, options] of listeners) on.addEventListener(type, f, options);
  resized();

  return {
    ask,

    columns(text) {
      cols = text.split("\x1e").map((record) => {
        const [name, kind, width, phone] = record.split("\x1f");
        return { name, kind: kind.split(" ").pop(), className: "cell " + kind + (phone === "1" ? "" : " wide"), width: +width, phone: phone === "1" };
      });
      for (const s of slots) shape(s);
      for (const s of kept) shape(s);
      layout();
      requestAnimationFrame(() => { if (open) resized(); });
    },

    paint(bytes, n, bodyHeight, base, rows, used, active, cell, today) {
      const selection = getSelection();
      const held = !selection.isCollapsed && sizer.contains(selection.anchorNode) && sizer.contains(selection.focusNode);
      const holds = (s) => held && selection.containsNode(s.el, true);
      // Puts a row aside whose text is selected, so that nothing is written under the selection.
      const keep = (i) => {
        slots[i].el.removeAttribute("id");
        kept.push(slots[i]);
        slots[i] = make(i);
      };

      if (bodyHeight !== height) {
        height = bodyHeight;
        sizer.style.setProperty("height", height + "px");
      }
      if (wanted >= 0) {
        scroller.scrollTop = wanted;
        wanted = -1;
      }
      if (used !== inUse) {
        // Rows change their elements: those that are not sent now are elsewhere.
        inUse = used;
        for (let i = 0; i < slots.length; i++) {
          if (holds(slots[i])) keep(i);
          slots[i].index = -1;
        }
      }
      while (slots.length < used) slots.push(make(slots.length));
      if (n > 0) {
        for (const record of decoder.decode(bytes.subarray(0, n)).split("\x1e")) {
          const v = record.split("\x1f"), slot = +v[0], index = +v[1];
          if (held && slots[slot].shown[3] !== v[3] && holds(slots[slot])) keep(slot);
          const s = slots[slot];
          if (s.index !== index) {
            s.index = index;
            s.el.setAttribute("aria-rowindex", index + 2); // the header is row 1
          }
          for (let i = Math.min(v.length, cols.length + 6) - 1; i > 1; i--) show(s, i, v[i]);
        }
      }
      for (let k = kept.length - 1; k >= 0; k--) {
        const old = kept[k];
        const at = holds(old) ? slots.findIndex((s) => s.index >= 0 && s.shown[3] === old.shown[3]) : -1;
        if (at >= 0) { // its entry is drawn again: the selected row takes its place back
          old.index = slots[at].index;
          old.el.setAttribute("aria-rowindex", old.index + 2);
          for (let i = 2; i < 6; i++) show(old, i, slots[at].shown[i]);
          slots[at].el.remove();
          old.el.id = "row-" + at;
          delete old.el.dataset.kept;
          slots[at] = old;
        } else if (holds(old)) {
          old.el.dataset.kept = "";
          const top = base + old.index * rowHeight;
          if (old.top !== top) old.el.style.setProperty("transform", `translateY(${old.top = top}px)`);
          continue;
        } else {
          old.el.remove();
        }
        kept.splice(k, 1);
      }
      if (acted >= rows) unpoint();
      for (let i = 0; i < slots.length; i++) {
        const s = slots[i], top = base + s.index * rowHeight, away = i >= used || s.index < 0 || s.index >= rows;
        if (s.away !== away) setAway(s, away);
        if (away || s.top === top) continue;
        s.top = top;
        s.el.style.setProperty("transform", `translateY(${top}px)`);
      }
      const day = head.querySelector(".head-day");
      if (day && day.textContent !== today) day.textContent = today;

      const row = slots[active] || null, at = row?.cells[cell]?.el || null;
      if (last.row !== row || last.cell !== at) {
        if (last.cell) {
          last.cell.removeAttribute("id");
          delete last.cell.dataset.at;
        }
        if (at) {
          at.id = "grid-cell";
          at.dataset.at = "";
          at.scrollIntoView({ block: "nearest", inline: "nearest" });
        }
        last = { row, cell: at };
      }
      if (row) grid.setAttribute("aria-activedescendant", at ? at.id : row.el.id);
      else grid.removeAttribute("aria-activedescendant");
      if (sought && marks) for (const s of slots) if (s.fresh) markRow(s);
      if (rows > 0) logpaneEarly.done();
    },

    find(text) {
      if (!marks) return;
      sought = text.toLowerCase();
      marks.clear();
      for (const s of slots) {
        s.found = [];
        if (sought) markRow(s);
      }
      if (sought) CSS.highlights.set("found", marks);
      else CSS.highlights.delete("found");
    },

    scrollTo(top) {
      scroller.scrollTop = top;
      wanted = top - scroller.scrollTop > 1 ? top : -1;
      ask();
    },

    focus() { grid.focus({ preventScroll: true }); },

    close() {
      open = false;
      sizes.disconnect();
      for (const [on, type, f, options] of listeners) on.removeEventListener(type, f, options);
      for (const s of slots) s.el.remove();
      for (const s of kept) s.el.remove();
      probe.remove();
      action.remove();
      if (marks) CSS.highlights.delete("found");
    },
  };
}

// Tests a regular expression, which has the flag g, on many texts at once, for
// web/dom. bytes begin with size bytes of the texts in UTF-8, with U+0001 around
// each; then, at the next multiple of four, follows where each of the count texts
// ends, in UTF-16 units. The first count bytes become 1 for texts with a match and 0
// for others. Returns how many have one.
const siftDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

function logpaneSift(re, bytes, size, count) {
  const text = siftDecoder.decode(bytes.subarray(0, size)), ends = new Uint32Array(bytes.buffer, (size + 3) & ~3, count);
  let hits = 0;
  bytes.fill(0, 0, count); // shorter than the texts with what is around them
  re.lastIndex = 1;
  for (let i = 0; i < count && re.test(text); i++, hits++) {
    while (i < count && ends[i] < re.lastIndex) i++; // a match ends within its text
    if (i === count) break; // an empty one behind the last
    bytes[i] = 1;
    re.lastIndex = ends[i] + 1;
  }
  return hits;
}
