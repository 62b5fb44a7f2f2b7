// A strip of tabs that is wider than the page shows the tab one is on. Only the strip is moved.
function show() {
  for (const current of document.querySelectorAll(".tabs [aria-current]")) {
    const strip = current.closest(".tabs");
    // What somebody has scrolled since stays where it is.
    if (strip.dataset.shown || strip.scrollWidth <= strip.clientWidth) continue;
    strip.dataset.shown = "1";
    const [tab, box] = [current.getBoundingClientRect(), strip.getBoundingClientRect()];
    strip.scrollLeft += tab.left + tab.width / 2 - (box.left + box.width / 2);
  }
}

show();
document.addEventListener("tenure:shown", show);
