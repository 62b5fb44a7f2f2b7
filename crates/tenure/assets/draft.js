// Keeps what is half written in this tab until it has arrived: another press on the page, a sign-in in between, or an
// answer that refuses it must not lose it. Ctrl+Enter sends.
const key = (field) => `draft:${field.dataset.draft}`;
// What was begun as a note must not become a reply, which customers read.
const kind = (name) => `${name}:kind`;
// What stood there before: a text that somebody else has changed meanwhile is not overwritten unasked.
const base = (name) => `${name}:base`;
const SENT = "draft:sent";

function forget(name) {
  for (const item of [name, kind(name), base(name)]) sessionStorage.removeItem(item);
}

function put(field, kept) {
  field.value = kept;
  const chosen = field.form.querySelector(`[name=kind][value="${sessionStorage.getItem(kind(key(field)))}"]`);
  if (chosen) chosen.checked = true;
}

function offer(field, text, label, act) {
  const hint = Object.assign(document.createElement("p"), { className: "hint draft-hint", textContent: `${text} ` });
  hint.setAttribute("role", "status");
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button small", textContent: label });
  button.addEventListener("click", () => {
    act();
    hint.remove();
    field.focus();
  });
  hint.append(button);
  field.after(hint);
}

function restore(field) {
  const kept = sessionStorage.getItem(key(field));
  if (!kept || kept === field.value || field.parentElement.querySelector(".draft-hint")) return;
  const there = field.defaultValue;
  if (!there.trim()) return field.value.trim() ? undefined : put(field, kept);
  if (sessionStorage.getItem(base(key(field))) !== there) {
    return offer(field, "This has changed since you began to write here.", "Put in what you wrote", () => put(field, kept));
  }
  put(field, kept);
  offer(field, "What you had begun is back.", "Discard it", () => {
    field.value = there;
    forget(key(field));
  });
}

// What was sent from the page before has arrived, unless this one hands it back, or is no page of the desk: a refusal.
function arrived() {
  const name = sessionStorage.getItem(SENT);
  if (name === null) return;
  sessionStorage.removeItem(SENT);
  const field = document.querySelector(`[data-draft="${CSS.escape(name.slice("draft:".length))}"]`);
  const back = field !== null && field.value === sessionStorage.getItem(name);
  if (!back && !document.body.classList.contains("bare")) forget(name);
}

function fill() {
  for (const field of document.querySelectorAll("[data-draft]")) restore(field);
}

document.addEventListener("input", ({ target }) => {
  const field = target.matches?.("[name=kind]") ? target.form.querySelector("[data-draft]") : target;
  if (!field?.matches?.("[data-draft]")) return;
  if (!field.value.trim()) return forget(key(field));
  if (sessionStorage.getItem(key(field)) === null) sessionStorage.setItem(base(key(field)), field.defaultValue);
  sessionStorage.setItem(key(field), field.value);
  const chosen = field.form.querySelector("[name=kind]:checked");
  if (chosen) sessionStorage.setItem(kind(key(field)), chosen.value);
});

document.addEventListener("submit", ({ target, defaultPrevented }) => {
  const field = target.querySelector("[data-draft]");
  if (field && !defaultPrevented) sessionStorage.setItem(SENT, key(field));
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.matches?.("[data-draft]")) return;
  event.preventDefault();
  event.target.form.requestSubmit();
});

document.addEventListener("tenure:shown", fill);
arrived();
fill();
