// Keeps what is half written in this tab until it is sent: another press on the page, or a sign-in in between, must not
// lose it. Ctrl+Enter sends.
const key = (field) => `draft:${field.dataset.draft}`;
// What was begun as a note must not become a reply, which customers read.
const kind = (field) => `${key(field)}:kind`;

function forget(field) {
  sessionStorage.removeItem(key(field));
  sessionStorage.removeItem(kind(field));
}

function fill() {
  for (const field of document.querySelectorAll("[data-draft]")) {
    const kept = sessionStorage.getItem(key(field));
    if (!kept || field.value.trim()) continue;
    field.value = kept;
    const chosen = field.form.querySelector(`[name=kind][value="${sessionStorage.getItem(kind(field))}"]`);
    if (chosen) chosen.checked = true;
  }
}

document.addEventListener("input", ({ target }) => {
  const field = target.matches?.("[name=kind]") ? target.form.querySelector("[data-draft]") : target;
  if (!field?.matches?.("[data-draft]")) return;
  if (!field.value.trim()) return forget(field);
  sessionStorage.setItem(key(field), field.value);
  const chosen = field.form.querySelector("[name=kind]:checked");
  if (chosen) sessionStorage.setItem(kind(field), chosen.value);
});

document.addEventListener("submit", ({ target, defaultPrevented }) => {
  const field = target.querySelector("[data-draft]");
  // What is refused comes back in the form itself.
  if (field && !defaultPrevented) forget(field);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.matches?.("[data-draft]")) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

document.addEventListener("tenure:shown", fill);
fill();
