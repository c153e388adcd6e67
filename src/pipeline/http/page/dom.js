/**
 * Creates and changes elements. Content of jobs is inserted as text only; no
 * function here accepts HTML, and the policy of the page forbids it.
 *
 * @module
 */
import { shown } from "./shown.js";

/** @typedef {Node | string | null | undefined} Child */
/**
 * @typedef {object} Props
 * @property {string} [class]
 * @property {Record<string, string | number | boolean | undefined>} [attributes]
 * @property {Record<string, (event: Event) => void>} [on]
 */

/**
 * Creates an element.
 *
 * @param {string} name
 * @param {Props} [props]
 * @param {Child[]} children
 * @returns {HTMLElement}
 */
export function h(name, props = {}, ...children) {
  const element = document.createElement(name);
  if (props.class) element.className = props.class;
  for (const [key, value] of Object.entries(props.attributes ?? {})) {
    setAttribute(element, key, value);
  }
  for (const [event, listener] of Object.entries(props.on ?? {})) {
    element.addEventListener(event, listener);
  }
  append(element, children);
  return element;
}

/**
 * Creates an SVG element.
 *
 * @param {string} name
 * @param {Record<string, string | number>} [attributes]
 * @param {Child[]} children
 * @returns {SVGElement}
 */
export function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, String(value));
  }
  append(element, children);
  return element;
}

/**
 * Sets a text if it differs, so that screen readers do not repeat it.
 *
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  const safe = shown(text);
  if (element.textContent !== safe) element.textContent = safe;
}

/**
 * @param {Element} element
 * @param {string} name
 * @param {string | number | boolean | undefined} value Absent or `false` takes it away.
 */
export function setAttribute(element, name, value) {
  if (value === undefined || value === false) element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value)) {
    element.setAttribute(name, value === true ? "" : String(value));
  }
}

/**
 * The element with this id, which must exist.
 *
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no element "${id}"`);
  return element;
}

/**
 * Labels a cell, for narrow screens on which it stands alone.
 *
 * @param {HTMLElement} cell
 * @param {string} label
 */
export function labelled(cell, label) {
  cell.dataset["label"] = label;
  return cell;
}

/**
 * @template T
 * @typedef {{ element: HTMLElement, update: (item: T) => void }} Row
 */

/**
 * Updates the children of an element from a list. Existing ones are changed, not
 * re-created, so that they keep the focus.
 *
 * @template T
 * @param {HTMLElement} parent
 * @param {(item: T) => string} keyOf
 * @param {(item: T) => Row<T>} make
 * @returns {(items: readonly T[]) => void}
 */
export function keyedList(parent, keyOf, make) {
  /** @type {Map<string, Row<T>>} */
  let rows = new Map();
  return (items) => {
    /** @type {Map<string, Row<T>>} */
    const next = new Map();
    for (const item of items) {
      const key = keyOf(item);
      const row = rows.get(key) ?? make(item);
      row.update(item);
      next.set(key, row);
    }
    for (const [key, row] of rows) if (!next.has(key)) row.element.remove();
    let place = parent.firstElementChild;
    for (const { element } of next.values()) {
      if (element === place) place = element.nextElementSibling;
      else parent.insertBefore(element, place);
    }
    rows = next;
  };
}

/**
 * A button that asks for confirmation.
 *
 * @param {{ text: string, sure: string, class?: string, label?: string }} texts
 * @param {() => unknown} action
 * @returns {HTMLButtonElement}
 */
export function carefulButton({ text, sure, class: name = "", label }, action) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const button = /** @type {HTMLButtonElement} */ (h("button", {
    class: name,
    attributes: { type: "button", "aria-label": label },
  }, text));
  const calm = () => {
    clearTimeout(timer);
    timer = undefined;
    button.classList.remove("sure");
    button.textContent = text;
    setAttribute(button, "aria-label", label);
  };
  button.addEventListener("click", () => {
    if (timer !== undefined) {
      calm();
      action();
      return;
    }
    button.classList.add("sure");
    button.textContent = sure;
    button.removeAttribute("aria-label");
    timer = setTimeout(calm, 5000);
  });
  button.addEventListener("blur", calm);
  return button;
}

/**
 * @param {Element} element
 * @param {Child[]} children
 */
function append(element, children) {
  for (const child of children) {
    if (child === null || child === undefined) continue;
    element.append(typeof child === "string" ? shown(child) : child);
  }
}
