// Signed documents and papers in a real browser: a certificate filled in, signed, looked up, taken out of force.
//
//   CARNET_URL=http://127.0.0.1:8080 CARNET_SIGN_INS=…/sign-ins.txt CARNET_FIND=… node signing.mjs
//
// CARNET_LOGIN names the physician, CARNET_FIND something that finds a person; their birth date is read
// from the page. CHROMIUM names another browser, CARNET_SCREENSHOTS another folder. The exit code is 0
// only if every check passed.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const base = (process.env.CARNET_URL ?? "http://127.0.0.1:8080").replace(/\/$/, "");
const login = process.env.CARNET_LOGIN ?? "doctor-mx";
const folder = process.env.CARNET_SCREENSHOTS ?? join(import.meta.dirname, "screenshots");
mkdirSync(folder, { recursive: true });
const signIns = new Map(readFileSync(process.env.CARNET_SIGN_INS, "utf8").split("\n").map((line) => line.trim().split(/\s+/)).filter((words) => words.length >= 3).map((words) => [words.at(-2), words.at(-1)]));

let passed = 0;
let failed = 0;
function check(ok, what) {
  if (ok) passed += 1;
  else { failed += 1; console.log(`FAILED  ${what}`); }
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });

async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, bypassCSP: false, ...options });
  const page = await context.newPage();
  const noise = [];
  page.on("pageerror", (error) => noise.push(error.message));
  page.on("console", (message) => { if (/Content Security|Trusted/i.test(message.text())) noise.push(message.text()); });
  return { context, page, noise };
}

async function signIn(page) {
  await page.goto(`${base}/sign-in`);
  await page.fill("#login", login);
  await page.fill("#password", signIns.get(login));
  await page.click("main .button.first");
  await page.waitForURL((url) => url.pathname !== "/sign-in");
}

async function speak(page, language) {
  await page.click(`footer button[value=${language}]`);
  await page.waitForFunction((code) => document.documentElement.lang === code, language);
}

/** In four languages and two widths: nothing spills, nothing is missing, axe finds nothing. */
async function look(page, name) {
  const path = page.url();
  for (const language of ["es", "vi", "ru", "en"]) {
    await speak(page, language);
    await page.goto(path);
    for (const [shape, width] of [["desk", 1280], ["phone", 360]]) {
      await page.setViewportSize({ width, height: 900 });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      check(wide <= 0, `${name} ${language} ${shape}: ${wide} pixels too wide`);
      const text = await page.innerText("body");
      check(!/\b(sign|paper|verify|form-fault)-[a-z]+(-[a-z]+)*\b/.test(text.replace(/sign-in/g, "")), `${name} ${language}: a key stands on the page`);
      await page.screenshot({ path: join(folder, `${name}-${language}-${shape}.png`), fullPage: true });
    }
    await page.setViewportSize({ width: 1280, height: 900 });
  }
  await page.evaluate(axeSource);
  const found = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] }));
  check(found.violations.length === 0, `${name}: ${found.violations.map((one) => one.id).join(", ")}`);
}

/** The link to the PDF of this page brings a file, whose name is as it should be. */
async function taken(name) {
  const [file] = await Promise.all([page.waitForEvent("download"), page.click("a[href$='/pdf']")]);
  check(name.test(file.suggestedFilename()), `a file of that name: ${file.suggestedFilename()}`);
  check(readFileSync(await file.path()).subarray(0, 8).toString() === "%PDF-1.7", "the file is a PDF");
}

const { page, noise } = await open();
await signIn(page);
await speak(page, "en");
await page.fill("#q", process.env.CARNET_FIND ?? "");
await page.keyboard.press("Enter");
await page.waitForLoadState();
if (!page.url().includes("/person/")) await page.click("main a[href*='/person/']");
const person = new URL(page.url()).pathname.split("/")[2];
const born = (await page.locator(".facts dd").first().innerText()).split(" ")[0];

await page.goto(`${base}/person/${person}/forms`);
const wanted = page.locator("tr, li").filter({ hasText: /Sick-leave certificate|Certificate of leave/ }).locator("button").first();
// Papers lie in a group that is closed at first.
await page.locator("main details").filter({ has: wanted }).locator("summary").click();
await wanted.click();
await page.waitForURL(/forms\/[^/]+$/);
const place = page.url();
for (const group of await page.locator("[data-form] fieldset").all()) {
  const radios = group.locator("input[type=radio]");
  if (await radios.count()) await radios.first().check().catch(() => {});
}
const today = new Date();
const day = (more) => { const at = new Date(today.getTime() + more * 86400000); return at.toISOString().slice(0, 10); };
await page.locator("input[name='a::begins']").fill(day(0));
await page.locator("input[name='a::ends']").fill(day(2));
const words = page.locator("input[name='o::diagnosis']");
if (await words.count()) await words.fill("A made-up illness");
for (const name of ["a::employer", "a::occupation", "a::number"]) {
  const field = page.locator(`input[name='${name}']`);
  if (await field.count()) await field.fill("Example");
}
// What a form brings along is confirmed first.
const confirm = page.locator("button[name=act][value=confirm]");
if (await confirm.count()) {
  await Promise.all([page.waitForLoadState(), confirm.click()]);
  await page.waitForFunction(() => document.querySelector("button[value=confirm]") === null);
}
await page.click("button[name=act][value=sign]");
await page.waitForURL(/\/sign$/);
check((await page.locator("#secret").count()) === 1, "the page asks who signs");
await look(page, "sign");
await page.fill("#secret", "wrong");
await page.click("button[value=sign]");
check((await page.locator(".fault").innerText()).includes("Nothing was signed"), "a wrong password signs nothing");
await page.fill("#secret", signIns.get(login));
await page.click("button[value=sign]");
check((await page.innerText("main")).includes("The signature is good"), "signed, and good");
await page.goto(place);
await look(page, "signed");
await taken(/^document-version-\d+\.pdf$/);
await page.goto(`${place}/papers`);
const code = (await page.locator("td.zero").first().innerText()).trim();
check(/^([A-Z0-9]{4}-){3}[A-Z0-9]{4}$/.test(code), `the certificate has a code: ${code}`);
await page.fill("#asked", "the employer");
await page.click("button[value=short]");
await page.waitForURL(/papers\/\d+$/);
check(!(await page.innerText("article")).includes("A made-up illness"), "the copy for an employer withholds the diagnosis");
check((await page.locator(".banner, .rail").count()) === 0, "nothing else of the record stands around it");
await look(page, "paper");
await taken(/^short-\d+\.pdf$/);
await page.goto(`${place}/papers`);
await look(page, "papers");

// Somebody else, who has the paper and no account.
const stranger = await open();
await stranger.page.goto(`${base}/verify`);
await look(stranger.page, "verify");
await stranger.page.fill("#code", code);
await stranger.page.click("main .button.first");
check((await stranger.page.innerText("main")).includes("In force"), "in force");
check(!(await stranger.page.innerText("main")).includes("made-up illness"), "and no more");
await look(stranger.page, "verify-code");
await stranger.page.fill("#detail", "01/01/1900");
await stranger.page.click("main .button.first");
check((await stranger.page.innerText(".fault")).length > 10, "a wrong detail is refused");
await stranger.page.fill("#detail", born);
await stranger.page.click("main .button.first");
check(/Compare (this|the rest) with the paper/.test(await stranger.page.innerText("main")), `what the paper says is shown for ${born.length} signs`);
await stranger.page.screenshot({ path: join(folder, "verify-detail-en.png"), fullPage: true });
await stranger.page.goto(`${base}/verify/card`);
await look(stranger.page, "verify-card");
await stranger.page.goto(`${base}/verify/authority`);
await look(stranger.page, "verify-authority");

await page.goto(`${place}/sign?annul`);
await page.fill("#reason", "Written for a test");
await page.fill("#secret", signIns.get(login));
await page.click("button[value=annul]");
check((await page.innerText("main")).includes("Out of force"), "out of force");
await page.screenshot({ path: join(folder, "annulled-en.png"), fullPage: true });
await stranger.page.goto(`${base}/verify/${code.replaceAll("-", "")}`);
check((await stranger.page.innerText("main")).includes("Taken out of force"), "and whoever looks it up is told");
check(noise.length === 0 && stranger.noise.length === 0, `quiet: ${[...noise, ...stranger.noise].join("; ")}`);

await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
