// Copies what stands in a field, and says so on the button.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copy);
  const label = button.querySelector("span");
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    label.textContent = "Copied";
  } catch {
    // Without a secure connection the browser refuses; the text is selected, so the keyboard can copy it.
    label.textContent = "Press Ctrl+C";
  }
  setTimeout(() => { label.textContent = "Copy"; }, 2500);
});

document.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-select]")) event.target.select();
});
