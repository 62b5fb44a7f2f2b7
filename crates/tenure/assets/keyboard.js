// The grid by keyboard. Keys are those of the list that `?` shows.
const rows = () => [...document.querySelectorAll("[data-row]")];
const cursor = () => document.querySelector("[data-row].is-cursor") ?? document.activeElement?.closest("[data-row]");

function move(step) {
  const all = rows();
  if (!all.length) return;
  const now = cursor() ?? document.querySelector("[data-row][aria-current]");
  const at = now ? all.indexOf(now) + step : 0;
  const next = all[Math.max(0, Math.min(all.length - 1, at))];
  cursor()?.classList.remove("is-cursor");
  next.classList.add("is-cursor");
  next.querySelector(".row-link").focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

function menu() {
  const row = cursor() ?? document.querySelector("[data-row][aria-current]");
  const button = row?.querySelector("[popovertarget]");
  if (!button) return;
  button.focus({ preventScroll: true });
  button.click();
  button.popoverTargetElement?.querySelector("a, button")?.focus();
}

function select() {
  (cursor() ?? document.querySelector("[data-row][aria-current]"))?.querySelector(".pick-box input")?.click();
}

const keys = {
  x: select,
  j: () => move(1),
  k: () => move(-1),
  ".": menu,
  "/": () => document.getElementById("search")?.select(),
  "?": () => document.getElementById("keys")?.showModal(),
};

// Everything is searched from anywhere, with what stands in the page's own search.
function everywhere() {
  if (location.pathname === "/search") return document.getElementById("search").select();
  const field = document.getElementById("search");
  if (!field) return;
  const text = field.value.trim();
  location.assign(text ? `/search?${new URLSearchParams({ q: text })}` : "/search");
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
    if (document.querySelector("dialog[open]")) return;
    event.preventDefault();
    return everywhere();
  }
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const typing = event.target.closest?.("input:not([type=checkbox]), select, textarea");
  if (event.key === "Escape") {
    if (document.querySelector(".menu:popover-open")) return;
    if (typing) return typing.blur();
    document.querySelector("[data-close]")?.click();
    return;
  }
  if (typing || document.querySelector(".menu:popover-open")) return;
  if (keys[event.key]) {
    event.preventDefault();
    keys[event.key]();
  }
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-keys]")) return;
  document.getElementById("me-menu")?.hidePopover();
  document.getElementById("keys").showModal();
});
