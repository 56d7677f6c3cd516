// @ts-check
// Words beside the pointer or the focus for everything with data-tip: bars, regions, points.
// The same words are in the page as text or title; this only brings them nearer.

const tip = document.createElement("div");
tip.className = "tip";
tip.hidden = true;
// Hidden from screen readers: they already have the words.
tip.setAttribute("aria-hidden", "true");

/** @param {EventTarget | null} target */
const owner = (target) => {
  if (!(target instanceof Element)) return null;
  return target.closest("[data-tip]") ?? target.querySelector(":scope > [data-tip]");
};

/** @param {Element} of @param {number} x @param {number} y */
const show = (of, x, y) => {
  tip.textContent = of.getAttribute("data-tip");
  tip.hidden = false;
  const room = document.documentElement.clientWidth;
  const left = Math.max(8, Math.min(x + 14, room - tip.offsetWidth - 8));
  const above = y + 16 + tip.offsetHeight > window.innerHeight;
  tip.style.left = `${left + window.scrollX}px`;
  tip.style.top = `${(above ? y - tip.offsetHeight - 12 : y + 16) + window.scrollY}px`;
};

const hide = () => {
  tip.hidden = true;
};

if (document.querySelector("[data-tip]")) {
  document.documentElement.classList.add("tips");
  document.body.append(tip);
  document.addEventListener("pointermove", (event) => {
    const of = event.pointerType === "touch" ? null : owner(event.target);
    if (of) show(of, event.clientX, event.clientY);
    else hide();
  });
  document.addEventListener("focusin", (event) => {
    const of = owner(event.target);
    if (!of) return hide();
    const box = of.getBoundingClientRect();
    show(of, box.left + box.width / 2, box.top + box.height / 2);
  });
  document.addEventListener("focusout", hide);
  document.addEventListener("keydown", (event) => {
    // WCAG 1.4.13: what appears on focus can be dismissed.
    if (event.key === "Escape") hide();
  });
}
