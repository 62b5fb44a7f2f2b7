// Offers whom to mention while a message is written, below the field: `@` and a part of a name or an address. Without
// this the address is typed.
const PAUSE = 150;
const FIELD = ".composer textarea";
// As far as an address may go; as the server does, it takes no `@` inside of a word for a mention.
const WORD = /(?<![\p{L}\p{N}])@([\p{L}\p{N}][\p{L}\p{M}\p{N}.'_+-]*(?:@[\p{L}\p{M}\p{N}.-]*)?)$/u;
const LONGEST = 255;
let timer;
let running;
let shown;
// Where the `@` stands for which nothing more is to be offered.
let dismissed = -1;

// What was typed after the `@` before the cursor, and where the `@` stands.
function asked(field) {
  const at = field.selectionStart;
  if (at !== field.selectionEnd || /^[\p{L}\p{N}]/u.test(field.value.slice(at, at + 2))) return;
  const found = WORD.exec(field.value.slice(Math.max(0, at - LONGEST), at));
  return found ? { word: found[1], start: at - found[0].length } : undefined;
}

function close() {
  clearTimeout(timer);
  running?.abort();
  if (!shown) return;
  shown.list.remove();
  for (const name of ["aria-controls", "aria-activedescendant"]) shown.field.removeAttribute(name);
  shown = undefined;
}

function say(text) {
  const announce = document.getElementById("announce");
  if (announce) announce.textContent = text;
}

const options = () => [...shown.list.querySelectorAll("[role=option]")];
const marked = () => options().findIndex((option) => option.getAttribute("aria-selected") === "true");

function mark(at) {
  const all = options();
  const now = (at + all.length) % all.length;
  all.forEach((option, index) => option.setAttribute("aria-selected", String(index === now)));
  shown.field.setAttribute("aria-activedescendant", all[now].id);
  all[now].scrollIntoView({ block: "nearest" });
}

function show(field, word, list) {
  close();
  const all = [...(list?.querySelectorAll("[role=option]") ?? [])];
  // The whole address stands there already.
  if (!all.length || (all.length === 1 && all[0].dataset.text.toLowerCase() === `@${word.toLowerCase()}`)) return;
  field.after(list);
  field.setAttribute("aria-controls", list.id);
  shown = { field, list };
  list.scrollIntoView({ block: "nearest" });
  mark(0);
  say(all.length === 1 ? "1 person to mention" : `${all.length} people to mention`);
}

async function offer(field, word) {
  running?.abort();
  const mine = (running = new AbortController());
  try {
    const answer = await fetch(`/mentions?${new URLSearchParams({ q: word })}`, { signal: mine.signal, headers: { accept: "text/html" } });
    const html = answer.ok ? await answer.text() : "";
    if (document.activeElement !== field || asked(field)?.word !== word) return;
    show(field, word, new DOMParser().parseFromString(html, "text/html").querySelector("#mention-offer"));
  } catch (error) {
    if (error.name !== "AbortError") close();
  }
}

function choose(option) {
  const { field } = shown;
  const here = asked(field);
  const name = option.querySelector(".chip-name").textContent;
  close();
  if (!here) return;
  const end = field.selectionEnd;
  field.setRangeText(`${option.dataset.text} `, here.start, field.value[end] === " " ? end + 1 : end, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
  say(`${name} is mentioned`);
}

function typed({ target: field, isComposing }) {
  if (!field.matches?.(FIELD) || isComposing) return;
  clearTimeout(timer);
  const now = asked(field);
  if (!now) dismissed = -1;
  if (!now || now.start === dismissed) return close();
  timer = setTimeout(() => offer(field, now.word), PAUSE);
}

// The cursor has left the word without a letter typed.
function moved({ target }) {
  if (shown && target === shown.field && !asked(target)) close();
}

document.addEventListener("input", typed);
document.addEventListener("compositionend", ({ target }) => typed({ target }));
document.addEventListener("keyup", moved);
document.addEventListener("click", moved);

document.addEventListener("focusin", ({ target }) => {
  if (!target.matches?.(FIELD)) return;
  target.setAttribute("aria-autocomplete", "list");
  target.setAttribute("aria-haspopup", "listbox");
});

document.addEventListener("focusout", ({ target }) => {
  if (target.matches?.(FIELD)) close();
});

// Before others see the key: Escape would leave the field.
document.addEventListener("keydown", (event) => {
  if (!shown || event.target !== shown.field || event.isComposing) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  const at = marked();
  const deed = {
    ArrowDown: () => mark(at + 1),
    ArrowUp: () => mark(at - 1),
    Enter: () => choose(options()[at]),
    Tab: () => choose(options()[at]),
    Escape: () => {
      dismissed = asked(shown.field)?.start ?? -1;
      close();
    },
  }[event.key];
  if (!deed) return;
  event.preventDefault();
  event.stopPropagation();
  deed();
}, true);

// The field keeps the focus while somebody is chosen with the mouse.
document.addEventListener("mousedown", (event) => {
  if (event.target.closest?.(".mention-offer")) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const option = event.target.closest?.(".mention-choice");
  if (option && shown?.list.contains(option)) choose(option);
});

document.addEventListener("tenure:shown", close);
