// Arrow keys inside menus, and drop-downs that close when one looks elsewhere.
const entries = (menu) => [...menu.querySelectorAll("a, button")];

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("[popover].menu") ?? openedBy(event.target);
  if (!menu) return;
  const all = entries(menu);
  const at = all.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  all.at(to % all.length)?.focus();
});

function openedBy(button) {
  const menu = button.popoverTargetElement;
  return menu?.matches(".menu:popover-open") ? menu : null;
}

document.addEventListener("click", (event) => {
  for (const drop of document.querySelectorAll("details[data-drop][open]")) {
    if (!drop.contains(event.target)) drop.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const drop = document.querySelector("details[data-drop][open]");
  if (!drop) return;
  drop.open = false;
  drop.querySelector("summary").focus();
  event.stopImmediatePropagation();
});
