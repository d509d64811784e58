// Draws the rows of the log table. A row element is made once and used for many
// entries; a frame arrives as one buffer of changed rows, packed by web/dom:
// rows end with U+001E, their values with U+001F:
// slot, index, class, id, selected, day that begins there, then the text of each cell.
"use strict";

const logpaneCells = ["time", "lv", "src", "num st", "num took", "sum"];

function logpaneGrid(grid, frame, pick) {
  const scroller = grid.querySelector(".rows-scroll"), sizer = grid.querySelector(".rows");
  const head = grid.querySelector(".rows-head"), day = grid.querySelector(".head-day");
  const decoder = new TextDecoder(), slots = [];
  let rowHeight = 0, height = -1, inUse = 0, asked = false, open = true;

  function make(slot) {
    const el = document.createElement("div");
    el.setAttribute("role", "row");
    el.id = "row-" + slot;
    const cells = logpaneCells.map((name) => {
      const cell = document.createElement("span"), text = document.createTextNode("");
      cell.className = "cell " + name;
      cell.setAttribute("role", "gridcell");
      cell.append(text);
      el.append(cell);
      return text;
    });
    sizer.append(el);
    return { el, cells, index: -1, top: NaN, away: false, shown: [] };
  }

  function ask() {
    if (asked || !open) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      if (open) frame(scroller.scrollTop, scroller.clientHeight - head.offsetHeight, rowHeight);
    });
  }

  function resized() {
    rowHeight = parseFloat(getComputedStyle(grid).getPropertyValue("--row-h")) || 28;
    ask();
  }

  function clicked(ev) {
    const el = ev.target.closest("[role=row]");
    // Dragging over text selects it; that is no click.
    if (!el || !getSelection().isCollapsed) return;
    const slot = slots.find((s) => s.el === el);
    if (slot) pick(slot.index);
  }

  const sizes = new ResizeObserver(resized);
  sizes.observe(scroller);
  scroller.addEventListener("scroll", ask, { passive: true });
  sizer.addEventListener("click", clicked);
  resized();

  return {
    ask,

    paint(bytes, n, bodyHeight, base, rows, used, active, today) {
      if (bodyHeight !== height) {
        height = bodyHeight;
        sizer.style.setProperty("height", height + "px");
      }
      if (used !== inUse) {
        // Rows change their elements: those that are not sent now are elsewhere.
        inUse = used;
        for (const s of slots) s.index = -1;
      }
      while (slots.length < used) slots.push(make(slots.length));
      if (n > 0) {
        for (const record of decoder.decode(bytes.subarray(0, n)).split("\x1e")) {
          const v = record.split("\x1f"), s = slots[v[0]], index = +v[1];
          if (s.index !== index) {
            s.index = index;
            s.el.setAttribute("aria-rowindex", index + 2); // the header is row 1
          }
          for (let i = 2; i < v.length; i++) {
            if (s.shown[i] === v[i]) continue;
            s.shown[i] = v[i];
            if (i > 5) s.cells[i - 6].nodeValue = v[i];
            else if (i === 2) s.el.className = v[i];
            else if (i === 3) s.el.dataset.id = v[i];
            else if (i === 4) s.el.setAttribute("aria-selected", v[i]);
            else if (v[i]) s.el.dataset.day = v[i];
            else delete s.el.dataset.day;
          }
        }
      }
      for (let i = 0; i < slots.length; i++) {
        const s = slots[i], top = base + s.index * rowHeight, away = i >= used || s.index < 0 || s.index >= rows;
        if (s.away !== away) s.el.hidden = s.away = away;
        if (s.top === top) continue;
        s.top = top;
        s.el.style.setProperty("transform", `translateY(${top}px)`);
      }
      if (day.textContent !== today) day.textContent = today;
      if (active >= 0) grid.setAttribute("aria-activedescendant", "row-" + active);
      else grid.removeAttribute("aria-activedescendant");
      if (rows > 0) logpaneEarly.done();
    },

    scrollTo(top) { scroller.scrollTop = top; ask(); },

    focus() { grid.focus({ preventScroll: true }); },

    close() {
      open = false;
      sizes.disconnect();
      scroller.removeEventListener("scroll", ask);
      sizer.removeEventListener("click", clicked);
      for (const s of slots) s.el.remove();
    },
  };
}
