// Single keys. A control that has one carries it in data-key ("b c"), and its
// page says it beside it; what is not to be seen is not to be pressed either.
const offKey = "netra.keys-off";

export function startKeys() {
  document.addEventListener("keydown", press);
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys-open]")) openHelp();
    // A menu closes when something else is clicked.
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-keys-off]")) setOff(event.target.checked);
  });
  document.addEventListener("toggle", onToggle, true);
  document.documentElement.classList.toggle("keys-off", isOff());
}

// onToggle keeps one menu open at a time.
function onToggle(event) {
  const menu = event.target;
  if (!menu.matches?.("details.menu") || !menu.open) return;
  for (const other of document.querySelectorAll("details.menu[open]")) {
    if (other !== menu) other.open = false;
  }
}

function isOff() {
  try {
    return localStorage.getItem(offKey) === "1";
  } catch {
    return false;
  }
}

function setOff(off) {
  document.documentElement.classList.toggle("keys-off", off);
  try {
    localStorage.setItem(offKey, off ? "1" : "0");
  } catch { /* the choice lasts as long as the page */ }
}

// typing says whether a key belongs to what has the focus.
export function typing(target) {
  if (!(target instanceof Element)) return false;
  if (target.isContentEditable || target.closest("textarea, select")) return true;
  const input = target.closest("input");
  return Boolean(input) && !["checkbox", "radio", "button", "submit"].includes(input.type);
}

function press(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.repeat) return;
  if (event.key === "Escape") return escape(event);
  if (typing(event.target) || document.querySelector("dialog[open]")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key.length === 1 && document.documentElement.classList.contains("keys-off")) return;
  if (key === " " || key === "Enter") return; // the browser's own
  const control = find(key);
  if (!control) return;
  event.preventDefault();
  act(control);
}

// find returns the control of a key: one in an open menu before all others.
function find(key) {
  const all = [...document.querySelectorAll("[data-key]")].filter((element) =>
    element.dataset.key.split(" ").includes(key) && !element.disabled && seen(element));
  return all.find((element) => element.closest("details.menu[open] .menu-body")) ?? all[0];
}

// seen says whether a control can be seen, or would be if the page were scrolled.
function seen(element) {
  const menu = element.closest(".menu-body")?.closest("details");
  if (menu && !menu.open) return false;
  return element.getClientRects().length > 0;
}

function act(control) {
  if (control.dataset.keysOpen !== undefined) return openHelp();
  if (control.matches("input, textarea, select")) {
    for (let outer = control.closest("details"); outer; outer = outer.parentElement.closest("details")) outer.open = true;
    control.focus();
    control.scrollIntoView({ block: "nearest" });
    if (control.matches("input[type=search]")) control.select();
    return;
  }
  if (control.matches("summary")) {
    const menu = control.parentElement;
    menu.open = !menu.open;
    if (menu.open) menu.querySelector(".menu-body button, .menu-body select")?.focus({ preventScroll: true });
    return;
  }
  control.click();
}

function escape(event) {
  const menu = document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
    event.preventDefault();
  } else if (typing(event.target)) {
    event.target.blur();
    document.getElementById("heading")?.focus({ preventScroll: true });
  }
}

function openHelp() {
  const help = document.getElementById("keys");
  if (!help || help.open) return;
  const box = help.querySelector("[data-keys-off]");
  if (box) box.checked = isOff();
  help.showModal();
}
