/**
 * Light or dark: as the system has it, until one of them is chosen.
 *
 * @module
 */
import { byId, setAttribute } from "./dom.js";
import { icon } from "./icons.js";

const KEY = "agentzero-theme";

export function themeSwitch() {
  const button = byId("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => {
    const chosen = stored();
    return chosen === null ? system.matches : chosen === "dark";
  };
  const apply = () => {
    const chosen = stored();
    setAttribute(document.documentElement, "data-theme", chosen ?? undefined);
    setAttribute(button, "aria-pressed", isDark() ? "true" : "false");
    button.replaceChildren(icon(isDark() ? "sun" : "moon"));
  };
  button.addEventListener("click", () => {
    const next = isDark() ? "light" : "dark";
    try {
      // Back to what the system has: nothing is chosen any more.
      if ((next === "dark") === system.matches) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, next);
    } catch {
      document.documentElement.dataset["theme"] = next; // until the page is left
      return;
    }
    apply();
  });
  system.addEventListener("change", apply);
  apply();
}

/** @returns {string | null} */
function stored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // a browser may not let us
  }
}
