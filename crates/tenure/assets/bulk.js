// Says how many rows are selected, and looks again at a change of many people while it is under way.
function count() {
  const output = document.querySelector("[data-bulk-count]");
  if (!output) return;
  const number = document.querySelectorAll(".pick-box input:checked").length;
  output.textContent = number ? `${number} selected` : "";
}

document.addEventListener("change", (event) => {
  if (event.target.matches?.(".pick-box input")) count();
});
document.addEventListener("tenure:shown", count);
count();

setInterval(() => {
  if (document.hidden || !document.querySelector("[data-poll]")) return;
  const detail = { url: location.href, history: "none" };
  document.dispatchEvent(new CustomEvent("tenure:visit", { detail }));
}, 1000);
