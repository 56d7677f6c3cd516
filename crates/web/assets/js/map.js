// @ts-check
// On the strategy map: the arrows into and out of the objective under the pointer or the focus, and those behind
// them, stand out. The same is said in the names of the objectives and in the table below.

/** @param {SVGSVGElement} map */
const trace = (map) => {
  const arrows = [...map.querySelectorAll("[data-from]")];
  const of = (/** @type {Element} */ it, /** @type {string} */ name) => it.getAttribute(name) ?? "";

  /** @param {string} code @param {string} near @param {string} far */
  const reached = (code, near, far) => {
    const codes = new Set([code]);
    for (let more = true; more; ) {
      more = false;
      for (const arrow of arrows) {
        if (codes.has(of(arrow, near)) && !codes.has(of(arrow, far))) {
          codes.add(of(arrow, far));
          more = true;
        }
      }
    }
    return codes;
  };

  const show = (/** @type {EventTarget | null} */ target) => {
    const node = target instanceof Element ? target.closest("[data-node]") : null;
    map.classList.toggle("traced", node !== null);
    const code = node ? of(node, "data-node") : "";
    const effects = reached(code, "data-from", "data-to");
    const drivers = reached(code, "data-to", "data-from");
    for (const it of map.querySelectorAll("[data-node]")) {
      const own = of(it, "data-node");
      it.classList.toggle("on", effects.has(own) || drivers.has(own));
    }
    for (const it of arrows) {
      const [from, to] = [of(it, "data-from"), of(it, "data-to")];
      it.classList.toggle("on", (effects.has(from) && effects.has(to)) || (drivers.has(from) && drivers.has(to)));
    }
  };

  map.addEventListener("pointerover", (event) => show(event.target));
  map.addEventListener("pointerleave", () => show(document.activeElement));
  map.addEventListener("focusin", (event) => show(event.target));
  map.addEventListener("focusout", () => show(null));
};

for (const map of document.querySelectorAll("svg[data-map]")) {
  if (map instanceof SVGSVGElement) trace(map);
}
