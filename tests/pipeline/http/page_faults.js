/**
 * Test support, which runs in the page: what a checker of accessibility would
 * find. It is JavaScript, and sent as it stands.
 *
 * @module
 */

// deno-lint-ignore no-unused-vars
function faults() {
  const found = [];
  const isSeen = (element) =>
    element.checkVisibility({
      visibilityProperty: true,
      opacityProperty: true,
    }) &&
    element.closest(".hidden, .skip") === null;
  const dialog = document.querySelector("dialog[open]");
  const all = [...(dialog ?? document.body).querySelectorAll("*")]
    .filter((element) =>
      isSeen(element) && (dialog || !element.closest("dialog"))
    );
  const nameOf = (element) => {
    const { labels } = element;
    const ids = element.getAttribute("aria-labelledby")?.split(" ") ?? [];
    return [
      element.getAttribute("aria-label"),
      ...ids.map((id) => document.getElementById(id)?.textContent),
      ...[...labels ?? []].map((label) => label.textContent),
      element.textContent,
      element.getAttribute("alt"),
    ].map((text) => text?.trim()).find((text) => text);
  };
  const say = (element, what) =>
    found.push(
      `${element.tagName} ${element.id} ${element.className} "${
        element.textContent?.trim().slice(0, 30)
      }": ${what}`,
    );

  if (!document.documentElement.lang) found.push("no language");
  if (document.querySelectorAll("main").length !== 1) {
    found.push("not one main");
  }
  if (document.querySelectorAll("h1").length !== 1) found.push("not one h1");
  const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
  for (const id of ids) {
    if (ids.indexOf(id) !== ids.lastIndexOf(id)) found.push(`twice: ${id}`);
  }
  let level = dialog ? 1 : 0;
  for (const element of all) {
    const heading = /^H(\d)$/.exec(element.tagName)?.[1];
    if (heading !== undefined) {
      if (Number(heading) > level + 1) say(element, "skips a level");
      level = Number(heading);
    }
    const isControl = element.matches(
      "button, a[href], input, select, [tabindex='0'], [role=slider]",
    );
    if (isControl && !nameOf(element)) say(element, "has no name");
    if (element.matches("img") && element.getAttribute("alt") === null) {
      say(element, "has no alt");
    }
    if (element.matches("th") && !element.hasAttribute("scope")) {
      say(element, "has no scope");
    }
    if (element.matches("button, select, input:not([type=radio]), .chip")) {
      const { width, height } = element.getBoundingClientRect();
      if (width < 24 || height < 24) {
        say(element, `${width} × ${height} is small`);
      }
    }
    for (const name of ["aria-labelledby", "aria-describedby", "for"]) {
      for (const id of element.getAttribute(name)?.split(" ") ?? []) {
        if (!document.getElementById(id)) say(element, `${name} leads nowhere`);
      }
    }
  }

  // Contrast, as WCAG has it: 4.5 for text, of what is written on what is behind.
  const canvas = document.createElement("canvas").getContext("2d", {
    willReadFrequently: true,
  });
  const rgbOf = (colors) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const color of colors) {
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data.slice(0, 3)];
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  for (const element of all) {
    const isText = [...element.childNodes].some((node) =>
      node.nodeType === 3 && node.textContent.trim() !== ""
    );
    if (!isText || element.closest(":disabled, option, svg")) continue;
    const behind = [];
    for (let at = element; at; at = at.parentElement) {
      behind.unshift(getComputedStyle(at).backgroundColor);
    }
    const back = luminance(rgbOf(behind));
    const front = luminance(
      rgbOf([...behind, getComputedStyle(element).color]),
    );
    const ratio = (Math.max(back, front) + 0.05) /
      (Math.min(back, front) + 0.05);
    if (ratio < 4.5) say(element, `contrast ${ratio.toFixed(2)}`);
  }
  return found;
}
