// Toasts go when dismissed, or by themselves when there is nothing to undo in them.
const STAYS = 8000;

function leave(toast) {
  toast.classList.add("leaves");
  setTimeout(() => toast.remove(), 300);
}

function watch() {
  for (const toast of document.querySelectorAll(".toast[data-fades]:not([data-watched])")) {
    toast.dataset.watched = "";
    const wait = () => setTimeout(() => (toast.matches(":hover, :focus-within") ? wait() : leave(toast)), STAYS);
    wait();
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-dismiss]");
  if (button) leave(button.closest(".toast"));
});
document.addEventListener("tenure:shown", watch);
watch();
