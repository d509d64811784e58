// Menus that the browser opens by itself (popover): their place beside the button
// that opens them, the way of the keys through them, and that a choice closes them.
// The page learns only of what was chosen. A menu whose data-keep is set stays.
// The menus of the bar the page draws by itself; of those, only the keys through the
// rows are here.
"use strict";

(() => {
  const gap = 4;
  let opener = null;

  const menu = () => document.querySelector("[popover]:popover-open");

  document.addEventListener("click", (ev) => {
    const button = ev.target.closest?.("[popovertarget]");
    if (button) opener = button;
  }, { capture: true });

  // toggle does not bubble; on its way down it passes here.
  document.addEventListener("toggle", (ev) => {
    const el = ev.target;
    if (!el.matches?.("[popover]") || ev.newState !== "open") return;
    const at = opener?.getBoundingClientRect();
    if (at && opener.getAttribute("popovertarget") === el.id) {
      const { offsetWidth: w, offsetHeight: h } = el;
      const left = at.left + w > innerWidth - 8 ? at.right - w : at.left;
      const below = at.bottom + gap + h <= innerHeight - 8 || at.top < h;
      el.style.setProperty("left", Math.max(8, Math.min(left, innerWidth - w - 8)) + "px");
      el.style.setProperty("top", (below ? at.bottom + gap : at.top - gap - h) + "px");
    }
    if (!el.contains(document.activeElement)) (el.querySelector("[data-first]") || el.querySelector("[role^=menuitem]"))?.focus();
  }, { capture: true });

  document.addEventListener("click", (ev) => {
    const el = ev.target.closest?.("[popover]:popover-open");
    if (el && !("keep" in el.dataset) && ev.target.closest("[role^=menuitem]")) el.hidePopover();
  });

  // Through the rows of a menu of the bar. What they leave alone, Esc and Enter among it,
  // is the page's own or the browser's; so are the arrows in a field and among choices.
  const rows = (ev) => {
    const el = document.querySelector(".anchor > .float.menu"), at = document.activeElement;
    if (!el || ev.ctrlKey || ev.metaKey || ev.altKey || ev.shiftKey || !/^(Arrow|Home$|End$|Page)/.test(ev.key)) return;
    if (at !== document.body && !el.parentElement.contains(at) || at.matches("input:not([type=checkbox]), textarea")) {
      if (at.matches("[type=radio]")) ev.stopPropagation();
      return;
    }
    ev.stopPropagation();
    let items = [...el.querySelectorAll(".menu-row")].filter((e) => e.matches("a, button"));
    if (items.length === 0) items = [...el.querySelectorAll("a, button:enabled, input:enabled")];
    const to = { ArrowDown: items.indexOf(at) + 1, ArrowUp: items.includes(at) ? items.indexOf(at) - 1 : -1, Home: 0, End: -1 }[ev.key];
    if (to === undefined || items.length === 0) return;
    items[(to + items.length) % items.length].focus();
    ev.preventDefault();
  };

  // Before the page's own keys, which must not act behind a menu.
  document.addEventListener("keydown", (ev) => {
    const el = menu();
    if (ev.isComposing) return;
    if (!el) return rows(ev);
    const items = [...el.querySelectorAll("[role^=menuitem]")], at = items.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? items.length - 1 : at - 1, Home: 0, End: items.length - 1 }[ev.key];
    if (ev.key === "Escape" || ev.key === "Tab" && !("keep" in el.dataset)) {
      el.hidePopover();
      opener?.focus();
      ev.preventDefault();
    } else if (to !== undefined && items.length > 0 && !(document.activeElement.matches("input") && /Home|End/.test(ev.key))) {
      items[(to + items.length) % items.length].focus();
      ev.preventDefault();
    }
    if (!ev.ctrlKey && !ev.metaKey) ev.stopPropagation();
  }, { capture: true });
})();
