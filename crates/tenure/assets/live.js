// Keeps a page as things are now: hears what happens, and loads the parts anew that it concerns. An element says by
// `data-live` which topics these are ("person team item"), and by `data-live-item` that of items it is one.
const SOON = 250;
const AGAIN = 1000;

// Of the portal, a page that shows requests follows them; the others say nothing of anybody's.
const portal = document.body.classList.contains("portal");
const stream = portal ? "/portal/events" : "/api/v1/events";
const follows = !portal || document.querySelector("[data-live]") !== null;

let source, last, waiting;

function concerns(event) {
  const topic = event.type.split(".")[0];
  return [...document.querySelectorAll("[data-live]")].some((part) => {
    if (!part.dataset.live.split(" ").includes(topic)) return false;
    return event.item === null || !part.dataset.liveItem || part.dataset.liveItem === String(event.item);
  });
}

// Nothing is taken from under somebody who types, chooses or has marked something.
function busy() {
  const focus = document.activeElement;
  return (
    document.querySelector("dialog[open], [popover]:popover-open, .pick-box input:checked, details[open] form") !== null ||
    Boolean(focus?.closest("[data-region]") && focus.matches("input:not([type=checkbox], [type=radio]), textarea, select")) ||
    String(getSelection()) !== ""
  );
}

// Asked before the page is fetched, and again before it is shown: meanwhile somebody may have opened a menu.
function free() {
  if (!busy()) return true;
  later(AGAIN);
  return false;
}

function refresh() {
  waiting = undefined;
  if (document.hidden) return;
  if (!free()) return;
  const detail = { url: location.href, history: "none", live: true, free };
  document.dispatchEvent(new CustomEvent("tenure:visit", { detail }));
}

function later(wait = SOON) {
  waiting ??= setTimeout(refresh, wait);
}

// What is on the page stays, and can be copied; only what is sent from it no longer arrives.
function ended(detail) {
  close();
  const toast = document.createElement("div");
  // At the top: at the bottom it would lie over what one presses to send.
  toast.className = "toast toast-refused ended";
  toast.setAttribute("role", "alert");
  const text = toast.appendChild(document.createElement("div"));
  text.className = "toast-text";
  const title = text.appendChild(document.createElement("p"));
  title.className = "toast-title";
  title.textContent = detail;
  const more = text.appendChild(document.createElement("p"));
  more.textContent = "What you type here stays, to be copied, but is not sent. ";
  const link = more.appendChild(document.createElement("a"));
  link.href = portal ? "/portal/sign-in" : "/sign-in";
  link.textContent = "Sign in";
  const leave = toast.appendChild(document.createElement("button"));
  Object.assign(leave, { type: "button", className: "button small", textContent: "Dismiss" });
  leave.dataset.dismiss = "";
  document.body.append(toast);
}

function close() {
  source?.close();
  source = undefined;
}

function open() {
  if (source || document.hidden || !follows) return;
  source = new EventSource(last === undefined ? stream : `${stream}?after=${last}`);
  source.addEventListener("message", (message) => {
    last = message.lastEventId;
    if (concerns(JSON.parse(message.data))) later();
  });
  source.addEventListener("ready", (message) => (last = message.lastEventId));
  source.addEventListener("reset", (message) => {
    last = message.lastEventId;
    later();
  });
  source.addEventListener("end", (message) => {
    const { type, detail } = JSON.parse(message.data);
    // Some other refusal may pass; these do not.
    if (["/problems/account-deactivated", "/problems/not-signed-in"].includes(type)) return ended(detail);
    close();
  });
}

// A page that nobody looks at holds no connection: browsers have few for each site.
document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
addEventListener("pagehide", close);
addEventListener("pageshow", open);
open();
