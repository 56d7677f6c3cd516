// @ts-check
// A walk through signing in and out, in a real browser: two governments, each at an identity provider of its own,
// and one person who belongs to both. Run by `tests/it/providers/walk.rs`, which starts everything.
// The first line of standard input is JSON: base, chromium, folder for the pictures, and per government its
// slug, issuer, label, name and password at the provider.
import assert from "node:assert/strict";
import readline from "node:readline";
import { chromium } from "playwright-core";

/**
 * @typedef {import("playwright-core").Page} Page
 * @typedef {import("playwright-core").BrowserContext} Context
 * @typedef {{ slug: string, issuer: string, label: string, login: string, password: string }} Government
 */
const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();
/** @type {{ base: string, chromium: string, folder: string, administrator: { username: string, password: string }, ntb: Government, lombok: Government }} */
const walk = JSON.parse((await lines.next()).value);
const { ntb, lombok } = walk;

const browser = await chromium.launch({
  executablePath: walk.chromium,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});
try {
  await walkThrough("1440", { viewport: { width: 1440, height: 900 } });
  await walkThrough("360", { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
} finally {
  await browser.close();
}
console.log("walked");
process.exit(0);

/**
 * @param {string} width
 * @param {import("playwright-core").BrowserContextOptions} options
 */
async function walkThrough(width, options) {
  const open = async () => {
    const context = await browser.newContext({ ...options, locale: "id-ID", timezoneId: "Asia/Makassar" });
    context.setDefaultTimeout(60_000);
    return context;
  };
  let number = 0;
  /** @param {Page} page @param {string} name */
  const picture = async (page, name) => {
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (page.url().startsWith(walk.base)) {
      assert.ok(overflow <= 1, `${page.url()} at ${width} px is ${overflow} px too wide`);
    }
    number += 1;
    await page.screenshot({ path: `${walk.folder}/${String(number).padStart(2, "0")}-${name}-${width}.png`, fullPage: true });
  };

  // An administrator looks at the settings and tries the provider.
  const office = await open();
  const settings = await watched(office);
  await settings.goto(`${walk.base}/masuk/${ntb.slug}?kembali=/${ntb.slug}/sign-in`);
  await picture(settings, "masuk-ntb");
  await settings.click("main details summary");
  await settings.fill("[name=username]", walk.administrator.username);
  await settings.fill("[name=password]", walk.administrator.password);
  await Promise.all([settings.waitForURL(`${walk.base}/${ntb.slug}/sign-in`), settings.click("main details button[type=submit]")]);
  await picture(settings, "cara-masuk");
  await settings.click("button[formaction$='/sign-in/test']");
  await settings.getByText("Penyedia menjawab sebagaimana mestinya").waitFor();
  await picture(settings, "cara-masuk-teruji");
  await office.close();

  // One person, one browser. First at the province's provider, from the list of governments.
  const context = await open();
  const first = await watched(context);
  await first.goto(`${walk.base}/masuk`);
  await picture(first, "masuk");
  await first.click(`main a[href^='/masuk/${ntb.slug}?']`);
  await first.getByRole("link", { name: ntb.label }).click();
  await atOidcProvider(first, picture);
  await first.waitForURL(`${walk.base}/${ntb.slug}`);
  await picture(first, "ntb");
  assert.deepEqual(await roles(context), { [ntb.slug]: ["planner"] });

  // Being in at the province is being in nowhere else, although the same account belongs there too.
  const second = await watched(context);
  await second.goto(`${walk.base}/${lombok.slug}/plan`);
  assert.equal(new URL(second.url()).pathname, `/masuk/${lombok.slug}`);
  await picture(second, "masuk-lombok-barat");
  await second.getByRole("link", { name: lombok.label }).click();
  await atCanaille(second, picture, lombok.password);
  await second.waitForURL(`${walk.base}/${lombok.slug}/plan`);
  await picture(second, "lombok-barat");

  // Both in one browser, in two tabs: each page acts with its own government's rights.
  assert.deepEqual(await roles(context), { [ntb.slug]: ["planner"], [lombok.slug]: ["auditor"] });
  for (const [slug, path, status] of /** @type {[string, string, number][]} */ ([
    [ntb.slug, "plan", 200], [ntb.slug, "audit", 403], [lombok.slug, "plan", 200], [lombok.slug, "audit", 200],
  ])) {
    const tab = slug === ntb.slug ? first : second;
    assert.equal((await tab.goto(`${walk.base}/${slug}/${path}`))?.status(), status, `/${slug}/${path}`);
  }
  assert.ok(!(await second.locator("main").innerText()).includes(ntb.issuer), "the trail of one tells of the other's provider");

  // Ending one leaves the other.
  await second.goto(`${walk.base}/sesi`);
  await picture(second, "sesi");
  const row = second.locator("main tr", { hasText: lombok.issuer });
  assert.equal(await row.count(), 1);
  await row.getByRole("button", { name: "Akhiri" }).click();
  await second.waitForLoadState();
  await second.goto(`${walk.base}/${lombok.slug}`);
  assert.equal(new URL(second.url()).pathname, `/masuk/${lombok.slug}`);
  await first.goto(`${walk.base}/${ntb.slug}`);
  assert.equal(new URL(first.url()).pathname, `/${ntb.slug}`);
  assert.deepEqual(await roles(context), { [ntb.slug]: ["planner"] });
  // The provider remembers her and asks for no password. (It breaks down when it is asked twice within a second.)
  do {
    await second.goto(`${walk.base}/masuk/${lombok.slug}`);
    await second.getByRole("link", { name: lombok.label }).click();
    await second.waitForURL((url) => url.pathname !== `/masuk/${lombok.slug}`);
  } while (await second.locator("main code", { hasText: "provider.status" }).count() > 0);
  assert.equal(new URL(second.url()).pathname, `/${lombok.slug}`);

  // Out: here at once, and then at both providers.
  const leave = first.locator("form[action='/keluar'] button:visible");
  if (await leave.count() === 0) await first.click("details.phone-menu > summary");
  await leave.first().click();
  const ways = first.locator("main a[href^='http']");
  await ways.first().waitFor();
  await picture(first, "keluar");
  assert.equal(await ways.count(), 2);
  assert.equal((await context.request.get(`${walk.base}/api/v1/me`)).status(), 401);
  const [ofNtb] = await Promise.all([context.waitForEvent("page"),
    first.locator(`main a[href^='${ntb.issuer}/']`).click({ modifiers: ["Control"] })]);
  await ofNtb.click("button[name=logout][value=yes], form button[type=submit]");
  await ofNtb.waitForURL(`${walk.base}/masuk*`);
  await first.locator(`main a[href^='${lombok.issuer}/']`).click();
  await first.waitForURL(`${walk.base}/masuk*`);
  await picture(first, "sudah-keluar");

  // Neither provider knows her any more.
  await first.goto(`${walk.base}/masuk/${ntb.slug}/penyedia`);
  await first.locator("[name=login]").waitFor();
  assert.ok(first.url().startsWith(ntb.issuer), first.url());
  await first.goto(`${walk.base}/masuk/${lombok.slug}/penyedia`);
  await first.locator("[name=login]").waitFor();
  assert.ok(first.url().startsWith(lombok.issuer), first.url());
  // And a wrong password gets nobody in.
  await first.fill("[name=login]", lombok.login);
  await first.press("[name=login]", "Enter");
  await first.fill("[name=password]", "salah-sama-sekali");
  await first.press("[name=password]", "Enter");
  await first.waitForLoadState();
  assert.ok(first.url().startsWith(lombok.issuer), first.url());
  assert.equal((await context.request.get(`${walk.base}/api/v1/me`)).status(), 401);
  await context.close();
}

/**
 * A tab in which our own pages may not complain: of the content policy, of a script.
 * @param {Context} context
 */
async function watched(context) {
  const page = await context.newPage();
  page.on("console", (message) => {
    // A page that is refused (403) is told of as well; that is wanted.
    const ours = message.location().url.startsWith(walk.base) && !message.text().includes("status of 403");
    if (message.type() === "error" && ours) throw new Error(`${message.location().url}: ${message.text()}`);
  });
  page.on("pageerror", (error) => { if (page.url().startsWith(walk.base)) throw error; });
  return page;
}

/** What the browser's person is in which government. @param {Context} context */
async function roles(context) {
  const me = await (await context.request.get(`${walk.base}/api/v1/me`)).json();
  return Object.fromEntries(me.tenants.map((/** @type {any} */ it) => [it.slug, it.roles.map((/** @type {any} */ one) => one.role)]));
}

/** @param {Page} page @param {(page: Page, name: string) => Promise<void>} picture */
async function atOidcProvider(page, picture) {
  await page.locator("[name=login]").waitFor();
  assert.ok(page.url().startsWith(ntb.issuer), page.url());
  await picture(page, "penyedia-ntb");
  await page.fill("[name=login]", ntb.login);
  await page.fill("[name=password]", ntb.password);
  await page.click("form button[type=submit]");
  await page.getByText("Authorize").first().waitFor();
  await page.click("form button[type=submit]");
}

/** @param {Page} page @param {(page: Page, name: string) => Promise<void>} picture @param {string} password */
async function atCanaille(page, picture, password) {
  await page.locator("[name=login]").waitFor();
  assert.ok(page.url().startsWith(lombok.issuer), page.url());
  await page.fill("[name=login]", lombok.login);
  await page.press("[name=login]", "Enter");
  await page.locator("[name=password]").waitFor();
  await picture(page, "penyedia-lombok-barat");
  await page.fill("[name=password]", password);
  await page.press("[name=password]", "Enter");
  // It asks for consent once, not at the second width.
  const accept = page.locator("button[name=answer][value=accept]");
  await Promise.race([accept.waitFor(), page.waitForURL(`${walk.base}/**`)]);
  if (page.url().startsWith(lombok.issuer)) {
    await picture(page, "izin-lombok-barat");
    await accept.click();
  }
}
