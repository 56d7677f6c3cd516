// @ts-check
// Selects of a filter row reload the page at once. Without script their button does.

document.documentElement.classList.add("js");

for (const form of document.querySelectorAll("form[data-auto]")) {
  if (!(form instanceof HTMLFormElement)) continue;
  form.addEventListener("change", (event) => {
    if (event.target instanceof HTMLSelectElement) form.requestSubmit();
  });
}
