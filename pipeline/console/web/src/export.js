// What is exported takes its time until the first byte comes. The form says so,
// and its buttons wait, until the answer's cookie tells that it comes.
const cookie = "netra_export=";
const longest = 30 * 60 * 1000;

export function startExport() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.hasAttribute("data-export")) return;
    const mark = newMark();
    let field = form.querySelector("input[name=mark]");
    if (!field) {
      field = document.createElement("input");
      field.type = "hidden";
      field.name = "mark";
      form.append(field);
    }
    field.value = mark;
    // The buttons wait only after the form has been sent with the one pressed.
    setTimeout(() => wait(form, mark), 0);
  });
}

function newMark() {
  return Array.from(crypto.getRandomValues(new Uint8Array(8)), (n) => n.toString(16).padStart(2, "0")).join("");
}

function wait(form, mark) {
  const state = form.querySelector(".export-state");
  const buttons = form.querySelectorAll("button");
  const began = Date.now();
  const text = form.dataset.busy ?? "";
  for (const button of buttons) button.disabled = true;
  const tick = setInterval(() => {
    const there = document.cookie.split("; ").includes(cookie + mark);
    if (state) state.textContent = `${text} ${Math.round((Date.now() - began) / 1000)} s`;
    if (!there && Date.now() - began < longest) return;
    clearInterval(tick);
    for (const button of buttons) button.disabled = false;
    if (state) state.textContent = "";
    document.cookie = `${cookie}; Max-Age=0; Path=/; SameSite=Strict`;
  }, 250);
  window.addEventListener("pageshow", () => { for (const button of buttons) button.disabled = false; }, { once: true });
}
