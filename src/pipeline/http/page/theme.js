/**
 * Light or dark: the preference of the system, unless one is chosen.
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
      // Back to the preference of the system: the choice is removed.
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
    return null; // a browser may forbid storage
  }
}
