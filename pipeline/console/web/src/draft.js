// Notes that were begun are kept in this tab, by person and item, so that a
// session that ends, or a decision that cannot be stored, loses none. They go
// when they are sent and when the person logs out.
const prefix = "netra.draft.";

function storage() {
  try {
    return window.sessionStorage;
  } catch {
    return null;
  }
}

const nameOf = (review, item) => `${prefix}${review.dataset.user}.${item}`;

export function keepDraft(review, text) {
  const name = nameOf(review, review.dataset.item);
  if (text) storage()?.setItem(name, text);
  else storage()?.removeItem(name);
}

export function draftOf(review) {
  return storage()?.getItem(nameOf(review, review.dataset.item)) ?? "";
}

export function dropDraft(review, item) {
  storage()?.removeItem(nameOf(review, item));
}

export function dropAllDrafts() {
  const kept = storage();
  if (!kept) return;
  for (const key of Object.keys(kept).filter((name) => name.startsWith(prefix))) kept.removeItem(key);
}
