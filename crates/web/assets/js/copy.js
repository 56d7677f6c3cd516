// @ts-check
// Buttons that copy a text; they are hidden until this script shows them.

for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!(button instanceof HTMLButtonElement) || !navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy ?? "");
    const words = button.querySelector("span");
    if (words) words.textContent = button.dataset.done ?? "";
  });
}
