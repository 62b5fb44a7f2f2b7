// Keeps what is half written in this tab until it is sent: another press on the page, or a sign-in in between, must not
// lose it. Ctrl+Enter sends.
const key = (field) => `draft:${field.dataset.draft}`;

function fill() {
  for (const field of document.querySelectorAll("[data-draft]")) {
    const kept = sessionStorage.getItem(key(field));
    if (kept && !field.value.trim()) field.value = kept;
  }
}

document.addEventListener("input", ({ target }) => {
  if (!target.matches?.("[data-draft]")) return;
  if (target.value.trim()) sessionStorage.setItem(key(target), target.value);
  else sessionStorage.removeItem(key(target));
});

document.addEventListener("submit", ({ target, defaultPrevented }) => {
  const field = target.querySelector("[data-draft]");
  // What is refused comes back in the form itself.
  if (field && !defaultPrevented) sessionStorage.removeItem(key(field));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.matches?.("[data-draft]")) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

document.addEventListener("tenure:shown", fill);
fill();
