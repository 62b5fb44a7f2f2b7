// Searches as one types: people on the users grid, and candidates inside dialogs. Without this, Enter does.
const PAUSE = 180;
let timer;
let latest = 0;

function query(form, submitter) {
  const url = new URL(form.getAttribute("action"), location.href);
  for (const [key, value] of new FormData(form, submitter)) if (value !== "") url.searchParams.append(key, value);
  return url.href;
}

// Only the list of candidates, and what happens to the one chosen, is drawn again; what was typed elsewhere in
// the form stays.
async function pick(field, parts = ["[data-part]", "[data-preview]"]) {
  const mine = ++latest;
  const url = new URL(field.form.getAttribute("action"), location.href);
  const typed = new FormData(field.form);
  for (const key of ["q", "way", "replace"]) if (typed.get(key)) url.searchParams.set(key, typed.get(key));
  const answer = await fetch(url, { headers: { accept: "text/html" } });
  if (!answer.ok || mine !== latest) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const here = field.closest("[data-dialog-body], main");
  for (const part of parts) {
    const [now, next] = [here.querySelector(part), page.querySelector(part)];
    if (now && next) now.replaceChildren(...next.childNodes);
  }
}

document.addEventListener("input", (event) => {
  const field = event.target;
  if (!field.matches?.("[data-search-here], [data-pick-search]") || event.isComposing) return;
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (field.matches("[data-pick-search]")) return pick(field).catch(() => {});
    document.dispatchEvent(new CustomEvent("tenure:visit", { detail: { url: query(field.form), history: "replace", keepFocus: true } }));
  }, PAUSE);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form.search") || !form.querySelector("[data-search-here]")) return;
  event.preventDefault();
  clearTimeout(timer);
  document.dispatchEvent(new CustomEvent("tenure:visit", { detail: { url: query(form), keepFocus: true } }));
});

document.addEventListener("change", (event) => {
  const field = event.target;
  if (!field.matches?.("[type=radio][name=replace]")) return;
  clearTimeout(timer);
  pick(field, ["[data-preview]"]).catch(() => {});
});

// Enter in a picker's search looks for people; it must not send the form around it.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches?.("[data-pick-search]")) return;
  event.preventDefault();
  clearTimeout(timer);
  pick(event.target).catch(() => {});
});
