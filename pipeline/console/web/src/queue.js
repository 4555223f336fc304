// The list: rows by j and k, and how many are picked.
import { typing } from "./keys.js";

export function startQueue() {
  document.addEventListener("keydown", walk);
  document.addEventListener("change", (event) => {
    if (event.target.matches(".queue input[name=id]")) count();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-pick-all]")) pickAll(boxes());
    if (event.target.closest("[data-pick-copies]")) pickAll([...document.querySelectorAll("input[name=also]")]);
  });
  document.addEventListener("htmx:after:swap", count);
  window.addEventListener("pageshow", count);
  // Both a key and a click on a filter's suggestions leave the side panel open
  // on a wide window; on a narrow one it is closed from the beginning.
}

const boxes = () => [...document.querySelectorAll(".queue input[name=id]")];

function pickAll(all) {
  const rest = all.some((box) => !box.checked);
  for (const box of all) box.checked = rest;
  count();
}

function count() {
  const place = document.querySelector("[data-picked]");
  if (!place) return;
  place.dataset.text ??= place.textContent;
  const picked = boxes().filter((box) => box.checked).length;
  place.textContent = `${place.dataset.text}: ${picked}`;
}

function walk(event) {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (document.documentElement.classList.contains("keys-off") && event.key.length === 1) return;
  if (document.querySelector("dialog[open], details.menu[open]")) return;
  const rows = [...document.querySelectorAll("[data-rows] [data-row]")];
  if (rows.length === 0) return;
  const row = document.activeElement.closest?.(".queue-row");
  const at = row ? rows.indexOf(row.querySelector("[data-row]")) : -1;
  const key = event.key.toLowerCase();
  if (key === "x" && row) {
    const box = row.querySelector("input[name=id]");
    if (box) box.click();
  } else if (["j", "arrowdown"].includes(key)) {
    focus(rows[Math.min(at + 1, rows.length - 1)]);
  } else if (["k", "arrowup"].includes(key)) {
    focus(rows[Math.max(at - 1, 0)]);
  } else {
    return;
  }
  event.preventDefault();
}

function focus(link) {
  link.focus({ preventScroll: true });
  link.closest(".queue-row").scrollIntoView({ block: "nearest" });
}
