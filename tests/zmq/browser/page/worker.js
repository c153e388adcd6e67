// A worker that calls the functions of page.js.
const file = "/page.js";

onmessage = async ({ data: { name, args } }) => {
  try {
    const page = await import(file);
    postMessage({ result: await page[name](...args) });
  } catch (error) {
    postMessage({ error: String(error.stack ?? error) });
  }
};
