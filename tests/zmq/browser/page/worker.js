// A worker that calls the functions of page.js.
import * as page from "/page.js";

onmessage = async ({ data: { name, args } }) => {
  try {
    postMessage({ result: await page[name](...args) });
  } catch (error) {
    postMessage({ error: String(error.stack ?? error) });
  }
};
