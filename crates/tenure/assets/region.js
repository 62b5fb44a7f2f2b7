// Swaps the parts of a page that carry `data-region` instead of loading the whole page again.
// Other scripts ask for a visit by an event, so that no script imports another.
let running;

async function visit(url, { history = "push", keepFocus = false, focus, live = false, free } = {}) {
  // Somebody who goes elsewhere meanwhile goes there.
  if (live && running && !running.done) return;
  running?.abort();
  const mine = (running = new AbortController());
  try {
    const answer = await fetch(url, { signal: mine.signal, headers: { accept: "text/html" } });
    const kind = answer.headers.get("content-type") ?? "";
    const is = answer.ok && kind.startsWith("text/html");
    if (live) {
      const html = is ? await answer.text() : undefined;
      return is && free() ? show(html, answer.url, { history, live }) : undefined;
    }
    if (!is) return location.assign(url);
    show(await answer.text(), answer.url, { history, keepFocus, focus });
  } catch (error) {
    if (error.name !== "AbortError" && !live) location.assign(url);
  } finally {
    mine.done = true;
  }
}

function show(html, url, { history: how = "push", keepFocus = false, focus, live = false } = {}) {
  const page = new DOMParser().parseFromString(html, "text/html");
  // Sign-in and errors stand in another frame, which is loaded as a whole.
  if (page.body.className !== document.body.className) return live ? undefined : location.assign(url);
  const here = document.querySelectorAll("[data-region]");
  // The toasts stand on every page: a page that has no region but them is replaced in its main part.
  const own = [...here].filter((region) => region.id !== "toasts");
  const fits = own.length > 0 && own.every((region) => page.getElementById(region.id));
  if (live) {
    // A page without regions has its meter alone.
    if (own.length > 0 && !fits) return;
    renew(own, page);
  } else if (!fits) {
    // Another kind of page: its main part takes the place of this one.
    const main = page.getElementById("main");
    if (!main || !document.getElementById("main")) return location.assign(url);
    document.getElementById("main").replaceWith(main);
    for (const part of [".rail", "#toasts", "#add"]) replace(page, part);
  } else {
    const focused = keepFocus ? null : focus ?? document.activeElement?.id;
    for (const region of here) region.replaceWith(page.getElementById(region.id));
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }
  replace(page, "#meter");
  // Its marks may count anew; else it stays, with the focus that may be in it.
  if (text(document, ".rail") !== text(page, ".rail")) replace(page, ".rail");
  carrySearch(page);
  document.title = page.title;
  if (how === "push" && url !== location.href) history.pushState(null, "", url);
  if (how === "replace") history.replaceState(null, "", url);
  // What changes by itself is not read out.
  const summary = live ? null : document.querySelector(".pager-summary, .empty h2");
  const announce = document.getElementById("announce");
  if (announce && summary) announce.textContent = summary.textContent;
  document.dispatchEvent(new CustomEvent("tenure:shown"));
}

// Only what has changed, and never the toasts: they are shown once, and may hold an undo.
function renew(regions, page) {
  const focused = document.activeElement;
  for (const region of regions) {
    const fresh = page.getElementById(region.id);
    if (!region.isEqualNode(fresh)) region.replaceWith(fresh);
  }
  if (!focused?.isConnected) twin(focused)?.focus({ preventScroll: true });
}

// The element on the page that is what another was before: the same field, or the same link.
function twin(element) {
  if (element?.id) return document.getElementById(element.id);
  if (!element?.name && !element?.href) return undefined;
  const same = (one) => one.name === element.name && one.value === element.value && one.href === element.href;
  return [...document.querySelectorAll(element.localName)].find(same);
}

function text(page, selector) {
  return page.querySelector(selector)?.textContent;
}

function replace(page, selector) {
  const [now, next] = [document.querySelector(selector), page.querySelector(selector)];
  if (now && next) now.replaceWith(next);
}

// The search field stays (someone may be typing in it); what it hands on is taken over.
function carrySearch(page) {
  const [now, next] = [document.querySelector("form.search"), page.querySelector("form.search")];
  if (!now || !next) return;
  for (const old of now.querySelectorAll("input[type=hidden]")) old.remove();
  now.append(...next.querySelectorAll("input[type=hidden]"));
  for (const name of ["action", "aria-label"]) now.setAttribute(name, next.getAttribute(name));
  const [field, fresh] = [now.querySelector("[type=search]"), next.querySelector("[type=search]")];
  field.placeholder = fresh.placeholder;
  now.querySelector("label").textContent = next.querySelector("label").textContent;
  if (document.activeElement !== field) field.value = fresh.value;
  field.toggleAttribute("data-search-here", fresh.hasAttribute("data-search-here"));
}

// Whoever closes the panel is back in the row that it was opened from; without a mouse they would be nowhere.
function opener() {
  const rows = [...document.querySelectorAll("[data-row][aria-current]")];
  const row = rows.find((one) => one.contains(document.activeElement) || one.matches(".is-cursor")) ?? rows[0];
  return row?.querySelector(".row-link").id ?? "main";
}

document.addEventListener("tenure:visit", (event) => visit(event.detail.url, event.detail));
document.addEventListener("tenure:show", (event) => {
  // What is still on its way is older than what is shown now.
  running?.abort();
  show(event.detail.html, event.detail.url, event.detail);
});

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest("a[data-visit]");
  if (link) {
    event.preventDefault();
    link.closest("[popover]")?.hidePopover();
    return visit(link.href, { focus: link.matches("[data-close]") ? opener() : undefined });
  }
  const row = event.target.closest("[data-row]");
  if (row && !event.target.closest("a, button, input, label, [popover]") && !String(getSelection())) {
    visit(row.querySelector(".row-link").href);
  }
});

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-visit]");
  if (!form || event.defaultPrevented) return;
  event.preventDefault();
  // A field may be called "action", which hides the form's own.
  const url = new URL(form.getAttribute("action"), location.href);
  // Fields left empty only make the address longer.
  for (const [key, value] of new FormData(form, event.submitter)) if (value !== "") url.searchParams.append(key, value);
  visit(url.href);
});

addEventListener("popstate", () => visit(location.href, { history: "none" }));
