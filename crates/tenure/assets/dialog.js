// Shows pages that ask a question as a dialog over the page they were opened from.
const dialog = document.getElementById("dialog");
const page = (html) => new DOMParser().parseFromString(html, "text/html");
const body = (doc) => doc.querySelector("[data-dialog-body]");
let opener;

async function open(url) {
  try {
    const answer = await fetch(url, { headers: { accept: "text/html" } });
    const asked = answer.ok && body(page(await answer.text()));
    if (!asked) return location.assign(url);
    fill(asked, url);
  } catch {
    location.assign(url);
  }
}

// The page below may have fields of the same names, so the dialog's ids are made its own.
function separate(content) {
  const own = (value) => value.split(" ").map((id) => (content.querySelector(`[id="${CSS.escape(id)}"]`) ? `dialog-${id}` : id)).join(" ");
  const named = ["for", "aria-describedby", "aria-labelledby", "data-copy"].flatMap((name) => [...content.querySelectorAll(`[${name}]`)].map((node) => [node, name, own(node.getAttribute(name))]));
  for (const [node, name, value] of named) node.setAttribute(name, value);
  for (const node of content.querySelectorAll("[id]")) node.id = `dialog-${node.id}`;
}

function fill(content, url) {
  separate(content);
  // The title names the dialog; its content needs no second name.
  content.removeAttribute("aria-labelledby");
  if (!dialog.open) opener = document.activeElement;
  dialog.replaceChildren(content);
  dialog.dataset.url = url;
  dialog.setAttribute("aria-labelledby", "dialog-dialog-title");
  if (!dialog.open) dialog.showModal();
  const first = content.querySelector("[autofocus]") ?? content.querySelector("[aria-invalid=true], [data-select], input:not([type=hidden], [type=radio], [type=checkbox], [data-pick-search]), textarea, .dialog-buttons .button");
  first?.focus();
}

function say(form, text) {
  const note = Object.assign(document.createElement("p"), { className: "notice notice-refused", textContent: text });
  note.setAttribute("role", "alert");
  form.querySelector(".notice-refused")?.remove();
  form.prepend(note);
}

async function send(form, submitter) {
  const data = new FormData(form, submitter);
  const target = submitter?.getAttribute("formaction") ?? form.getAttribute("action");
  if ((submitter?.getAttribute("formmethod") ?? form.method) === "get") {
    const url = new URL(target, dialog.dataset.url ?? location.href);
    for (const [key, value] of data) if (!key.startsWith("_")) url.searchParams.append(key, value);
    return open(url.href);
  }
  if (form.dataset.sending) return;
  form.dataset.sending = "1";
  try {
    const answer = await fetch(target, { method: "post", body: new URLSearchParams(data), headers: { accept: "text/html" } });
    const html = await answer.text();
    const asked = body(page(html));
    if (asked) return fill(asked, answer.redirected ? answer.url : dialog.dataset.url);
    if (answer.redirected) {
      dialog.close();
      return document.dispatchEvent(new CustomEvent("tenure:show", { detail: { html, url: answer.url } }));
    }
    // An error page: its words go into the dialog, so that what was typed is not lost.
    const told = page(html).querySelector("#main");
    const words = [told?.querySelector("h1")?.textContent, told?.querySelector("h1 + p")?.textContent].filter(Boolean);
    say(form, words.join(". ") || "That did not work. Nothing was changed.");
  } catch {
    say(form, "The server cannot be reached. What you typed is still here; try again.");
  } finally {
    delete form.dataset.sending;
  }
}

document.addEventListener("click", (event) => {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = event.target.closest("a[data-dialog]");
  // A question that was opened as a page leads on to pages: a dialog over it would be two questions at once.
  if (link && !document.querySelector("#main [data-dialog-body]")) {
    event.preventDefault();
    link.closest("[popover]")?.hidePopover();
    return open(link.href);
  }
  if (dialog.open && event.target.closest("a[data-cancel]") && dialog.contains(event.target)) {
    event.preventDefault();
    dialog.close();
  }
  if (dialog.open && event.target.closest("a[data-done]") && dialog.contains(event.target)) dialog.close();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!dialog.contains(form) || form.method === "dialog" || event.defaultPrevented) return;
  event.preventDefault();
  send(form, event.submitter);
});

// Esc leaves a question, but throws no long text away at the first press.
dialog.addEventListener("cancel", (event) => {
  const begun = [...dialog.querySelectorAll("textarea")].find((field) => !field.readOnly && field.value !== field.defaultValue && field.value.trim());
  if (!begun || dialog.dataset.left) return;
  event.preventDefault();
  dialog.dataset.left = "1";
  say(begun.form, "Press Esc once more to leave without what you have written.");
});

dialog.addEventListener("input", () => delete dialog.dataset.left);

dialog.addEventListener("close", () => {
  dialog.replaceChildren();
  delete dialog.dataset.left;
  if (opener?.isConnected) opener.focus({ preventScroll: true });
});
