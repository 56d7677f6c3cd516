// @ts-check
// Takes the pictures of the documents from a running demonstration, at a phone's and a desk's width.
// Run by `cargo xtask screenshots`, which installs playwright-core and finds Chromium.
// Arguments: base URL, folder for the pictures, path of Chromium.
import { chromium } from "playwright-core";
import { readFile } from "node:fs/promises";

const [base, folder, executablePath] = process.argv.slice(2);
if (!base || !folder || !executablePath) {
  console.error("usage: node screenshots.mjs BASE_URL FOLDER CHROMIUM");
  process.exit(2);
}
const pages = JSON.parse(await readFile(new URL("./pages.json", import.meta.url), "utf8"));
const widths = [
  { name: "1440", viewport: { width: 1440, height: 900 } },
  { name: "360", viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true },
];
const browser = await chromium.launch({
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});
let failures = 0;
try {
  for (const { name, ...width } of widths) {
    /** @type {Map<string, import("playwright-core").BrowserContext>} */
    const contexts = new Map();
    for (const page of pages) {
      const key = page.account?.username ?? "";
      let context = contexts.get(key);
      if (!context) {
        context = await browser.newContext({ ...width, locale: "id-ID", timezoneId: "Asia/Makassar" });
        contexts.set(key, context);
        if (page.account) await signIn(context, page.account);
      }
      const tab = await context.newPage();
      const answer = await tab.goto(new URL(page.path, base).href, { waitUntil: "load" });
      if (!answer?.ok()) {
        console.error(`${page.path}: ${answer?.status()}`);
        failures += 1;
      }
      const overflow = await tab.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (overflow > 1) {
        console.error(`${page.path} at ${name} px is ${overflow} px too wide`);
        failures += 1;
      }
      await tab.screenshot({ path: `${folder}/${page.name}-${name}.png`, fullPage: page.whole ?? true });
      await tab.close();
    }
    for (const context of contexts.values()) await context.close();
  }
} finally {
  await browser.close();
}
process.exit(failures === 0 ? 0 : 1);

/**
 * @param {import("playwright-core").BrowserContext} context
 * @param {{ username: string, password: string }} account
 */
async function signIn(context, account) {
  const tab = await context.newPage();
  await tab.goto(new URL("/masuk", base).href);
  await tab.fill("[name=username]", account.username);
  await tab.fill("[name=password]", account.password);
  await Promise.all([tab.waitForURL((url) => !url.pathname.startsWith("/masuk")), tab.click("main button[type=submit]")]);
  await tab.close();
}
