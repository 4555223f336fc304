// Captures: accounts are searched while one types, files are looked at before
// they are sent, and pictures can be pasted. Without scripts the server does it.
export function startCapture() {
  const form = document.querySelector("form[data-capture]");
  if (!form) return;
  const upload = form.querySelector("#upload");
  searchAccounts(form);
  upload.addEventListener("change", () => check(form, upload));
  document.addEventListener("paste", (event) => paste(event, form, upload));
  form.addEventListener("submit", (event) => {
    if (!check(form, upload)) {
      event.preventDefault();
      upload.focus();
      return;
    }
    const button = event.submitter;
    if (button?.value === "send" && upload.files.length > 0) setTimeout(() => (button.textContent = form.dataset.sending));
  });
  document.querySelector("[data-bookmarklet]")?.addEventListener("click", (event) => event.preventDefault());
}

function searchAccounts(form) {
  const text = form.querySelector("#account");
  const place = form.querySelector("#accounts");
  let timer, asked;
  const search = async () => {
    asked?.abort();
    asked = new AbortController();
    form.elements.searched.value = text.value;
    if (text.value.trim() === "") {
      place.replaceChildren();
      return;
    }
    const query = new URLSearchParams({ q: text.value, platform: form.elements.platform.value });
    try {
      const answer = await fetch(`/capture/accounts?${query}`, { signal: asked.signal });
      if (!answer.ok) return;
      place.innerHTML = await answer.text(); // a part of our own page, escaped there
      const only = place.querySelectorAll("input");
      if (only.length === 1) only[0].checked = true;
      if (only.length === 0) place.textContent = form.dataset.none;
    } catch (error) {
      if (error.name !== "AbortError") throw error;
    }
  };
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(search, 250);
  };
  text.addEventListener("input", later);
  form.elements.platform.addEventListener("change", later);
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // it would send the form
    clearTimeout(timer);
    search();
  });
}

// check lists the chosen files and says which the server would refuse.
function check(form, upload) {
  const { maxFiles, maxImage, maxVideo, large, type, many } = form.dataset;
  const list = form.querySelector("#upload-list");
  const accepted = upload.accept.split(",");
  let good = true;
  const items = [...upload.files].map((file, at) => {
    const most = file.type.startsWith("video/") ? Number(maxVideo) : Number(maxImage);
    let problem = "";
    if (file.type && !accepted.includes(file.type)) problem = type;
    else if (file.size > most) problem = large;
    else if (at >= Number(maxFiles)) problem = many;
    const item = document.createElement("li");
    item.textContent = `${file.name} · ${Math.ceil(file.size / 1024).toLocaleString(document.documentElement.lang)} KB${problem ? ` · ${problem}` : ""}`;
    if (problem) {
      item.className = "bad";
      good = false;
    }
    return item;
  });
  const shown = document.createElement("ul");
  shown.className = "uploads";
  shown.append(...items);
  list.replaceChildren(...(items.length ? [shown] : []));
  return good;
}

function paste(event, form, upload) {
  const pasted = [...(event.clipboardData?.files ?? [])];
  if (pasted.length === 0) return;
  const all = new DataTransfer();
  for (const file of [...upload.files, ...pasted]) all.items.add(file);
  upload.files = all.files;
  check(form, upload);
  event.preventDefault();
}
