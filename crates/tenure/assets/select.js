// Selects many rows of a grid: all of the page by a box in its head, and a range with the shift key held.
let last = null;

function boxes() {
  return [...document.querySelectorAll('.pick-box input[type="checkbox"]')];
}

function set(box, checked) {
  if (box.checked === checked) return;
  box.checked = checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

// The box in the head says whether all, some or none of the page are selected.
function tell() {
  const head = document.querySelector(".pick-all input");
  if (!head) return;
  const all = boxes();
  const chosen = all.filter((box) => box.checked).length;
  head.checked = chosen > 0 && chosen === all.length;
  head.indeterminate = chosen > 0 && chosen < all.length;
}

// Without scripts there is no such box, since it could do nothing.
function offer() {
  const cell = document.querySelector("thead .col-pick");
  if (!cell || boxes().length === 0) return;
  if (!cell.querySelector("input")) {
    const label = document.createElement("label");
    label.className = "pick-all";
    const box = document.createElement("input");
    box.type = "checkbox";
    box.setAttribute("aria-label", "Select all on this page");
    label.append(box);
    cell.replaceChildren(label);
  }
  tell();
}

document.addEventListener("change", (event) => {
  if (event.target.matches?.(".pick-all input")) {
    const { checked } = event.target;
    for (const box of boxes()) set(box, checked);
  }
  if (event.target.matches?.(".pick-box input, .pick-all input")) tell();
});

document.addEventListener("click", (event) => {
  if (!event.target.matches?.(".pick-box input")) return;
  const all = boxes();
  const [from, to] = [all.indexOf(last), all.indexOf(event.target)].sort((a, b) => a - b);
  if (event.shiftKey && from >= 0) {
    for (const box of all.slice(from, to + 1)) set(box, event.target.checked);
  }
  last = event.target;
});

document.addEventListener("tenure:shown", offer);
offer();
