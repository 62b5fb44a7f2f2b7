// "All of this group" ticks the types of a group, and says whether all of them are.
const group = (node) => node.closest?.("[data-group]");
const all = (field) => field.querySelector('input[name="group"]');
const types = (field) => [...field.querySelectorAll('input[name="topic"]')];

function say(field) {
  const ticked = types(field).filter((one) => one.checked).length;
  all(field).checked = ticked === types(field).length;
  all(field).indeterminate = ticked > 0 && !all(field).checked;
}

document.addEventListener("change", (event) => {
  const field = group(event.target);
  if (!field) return;
  if (event.target === all(field)) for (const one of types(field)) one.checked = event.target.checked;
  say(field);
});

const begin = () => document.querySelectorAll("[data-group]").forEach(say);
begin();
// A browser that goes back puts in what was ticked.
addEventListener("pageshow", begin);
document.addEventListener("tenure:shown", begin);
