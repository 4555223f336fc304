// One item after another: the next one is claimed and loaded while this one is
// read, and put in place as soon as the decision is stored.
import { dropAllDrafts, dropDraft, draftOf, keepDraft } from "./draft.js";

const current = () => document.getElementById("review");
const asPart = { "HX-Request": "true" }; // an answer for a part of a page

let ahead; // the promise of the next item
let skipped = ""; // the item that was left a moment ago, for the server to know
let busy = false;

export function startReview() {
  document.addEventListener("submit", submitted);
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-draft]")) keepDraft(current(), event.target.value);
  });
  document.addEventListener("htmx:after:swap", arrive);
  document.addEventListener("htmx:after:history:restore", arrive);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted && current()) location.reload(); // what it shows may be old
  });
  arrive();
}

// arrive does what there is to do once for an item that comes into sight.
function arrive() {
  const review = current();
  if (!review || review.dataset.arrived) return;
  review.dataset.arrived = "yes";
  const done = document.querySelector("#flash [data-done]");
  for (const item of done?.dataset.done.split(" ") ?? []) dropDraft(review, decodeURIComponent(item));
  const note = review.querySelector("[data-draft]");
  if (note && !note.value) note.value = draftOf(review);
  if (review.dataset.peek !== undefined) open(review);
  ahead = review.dataset.mayReview === undefined ? undefined : load(review);
}

async function post(address, fields = {}) {
  const token = document.querySelector("input[name=csrf]").value;
  return fetch(address, {
    method: "POST", headers: asPart, body: new URLSearchParams({ csrf: token, ...fields }), credentials: "same-origin",
  });
}

// load claims the next item and fetches its page. The clock of that item starts
// only when it comes into sight.
async function load(review) {
  try {
    const fields = { peek: "1", skip: skipped };
    skipped = "";
    const response = await post(review.dataset.next, fields);
    if (!response.ok) return { failed: true };
    if (response.status === 204) return { end: true };
    const url = new URL(response.url);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    url.searchParams.delete("peek");
    return { main: page.getElementById("main"), title: page.title, url: url.pathname + url.search };
  } catch {
    return { failed: true };
  }
}

// open starts the clock of an item that was loaded ahead, and brings what has
// changed since.
async function open(review) {
  try {
    const response = await post(review.dataset.open);
    if (response.status === 401) return expired(review);
    if (!response.ok) return location.reload();
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("item-state");
    if (!fresh || current() !== review) return;
    document.getElementById("item-state").replaceWith(fresh);
    const revision = review.querySelector("#decide [name=revision]");
    if (revision) revision.value = fresh.dataset.revision;
    if (fresh.dataset.reload !== undefined) location.reload();
  } catch {
    complain(review, "offline");
  }
}

function submitted(event) {
  const form = event.target;
  if (form.matches('form[action="/logout"]')) return dropAllDrafts();
  if (form.dataset.plain !== undefined || !current()) return;
  const walk = event.submitter?.dataset.walk ?? form.dataset.walk;
  if (walk) {
    event.preventDefault();
    advance(form, event.submitter, walk);
  } else if (form.id === "decide") {
    event.preventDefault();
    decide(form, event.submitter);
  }
}

// plainly sends a form as it is sent without scripts. A browser ignores that
// while it still fires the event of the press that led here, hence a moment later.
function plainly(form, submitter) {
  form.dataset.plain = "yes";
  setTimeout(() => form.requestSubmit(submitter));
}

async function advance(form, submitter, walk) {
  if (busy) return;
  busy = true;
  try {
    const next = await ahead;
    if (!next?.main) return plainly(form, submitter);
    if (walk === "skip") skipped = current().dataset.item;
    show(next);
  } finally {
    busy = false;
  }
}

async function decide(form, submitter) {
  if (busy) return;
  busy = true;
  const review = current();
  form.setAttribute("aria-busy", "true");
  try {
    const fields = new URLSearchParams(new FormData(form, submitter));
    let next = await ahead;
    if (next?.end) return plainly(form, submitter);
    const response = await fetch(form.action, { method: "POST", headers: asPart, body: fields, credentials: "same-origin" });
    if (response.status === 401) return expired(review);
    const answer = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("flash");
    if (!response.ok) return answer ? flash(answer) : complain(review, response.status === 403 ? "refused" : "failed");
    dropDraft(review, review.dataset.item);
    if (!next?.main) next = await load(review);
    if (!next.main) return location.assign(review.dataset.queue);
    show(next);
    flash(answer);
  } catch {
    complain(review, "offline");
  } finally {
    form.removeAttribute("aria-busy");
    busy = false;
  }
}

// show puts the item that was loaded ahead in place of the one in sight.
function show(next) {
  const fresh = document.adoptNode(next.main);
  document.getElementById("main").replaceWith(fresh);
  document.title = next.title;
  history.pushState({ htmx: true }, "", next.url);
  window.htmx?.process(fresh);
  window.scrollTo(0, 0);
  document.getElementById("heading")?.focus({ preventScroll: true });
  arrive();
}

// flash says what was done, where the page says it, and to those who listen.
function flash(answer) {
  const place = document.getElementById("flash");
  const fresh = document.adoptNode(answer);
  place.replaceWith(fresh);
  announce(fresh.querySelector("p")?.textContent ?? "");
}

function announce(text) {
  let live = document.getElementById("announce");
  if (!live) {
    live = document.createElement("p");
    live.id = "announce";
    live.className = "hidden";
    live.setAttribute("role", "status");
    document.body.append(live);
  }
  live.textContent = text;
}

// complain says what went wrong in the words that the page brought along.
function complain(review, cause) {
  const text = document.querySelector(`[data-message="${cause}"]`);
  const flashed = document.getElementById("flash");
  if (!text || !flashed) return;
  const said = document.createElement("p");
  said.textContent = text.textContent;
  flashed.replaceChildren(said);
  flashed.className = "flash bad";
  announce(text.textContent);
}

// expired keeps what was written and leads through the login back to it.
function expired(review) {
  const note = review.querySelector("[data-draft]");
  if (note) keepDraft(review, note.value);
  const dialog = document.getElementById("expired");
  if (dialog && !dialog.open) dialog.showModal();
}
