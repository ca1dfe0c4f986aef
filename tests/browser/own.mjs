// A person fills in a form in a real browser: drafts that are saved while one types, the page that shows what will be
// sent, what was sent as staff reads it, a refusal for a child, an addendum.
//
//   CARNET_URL=http://127.0.0.1:8080 CARNET_SIGN_INS=…/sign-ins.txt node own.mjs
//
// The site is a demonstration. CHROMIUM names another browser, CARNET_SCREENSHOTS another folder. The exit code is 0
// only if every check passed.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const base = (process.env.CARNET_URL ?? "http://127.0.0.1:8080").replace(/\/$/, "");
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
const noise = [];

async function signedIn(login) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  page.on("pageerror", (error) => noise.push(error.message));
  page.on("console", (message) => { if (/Content Security|Trusted/i.test(message.text())) noise.push(message.text()); });
  await page.goto(`${base}/sign-in`);
  await page.fill("#login", login);
  await page.fill("#password", signIns.get(login));
  await page.click("main .button.first");
  await page.waitForURL((url) => url.pathname !== "/sign-in");
  await speak(page, "en");
  return page;
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
      check(!/\b(send|mine|forms|form-fault|form)-[a-z]+(-[a-z]+)*\b/.test(text) || /form-up/.test(text), `${name} ${language}: a key stands on the page`);
      await page.screenshot({ path: join(folder, `${name}-${language}-${shape}.png`), fullPage: true });
    }
    await page.setViewportSize({ width: 1280, height: 900 });
  }
  await page.evaluate(axeSource);
  const found = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] }));
  check(found.violations.length === 0, `${name}: ${found.violations.map((one) => one.id).join(", ")}`);
}

/** Begins the form of a title. */
async function begin(page, person, title) {
  await page.goto(`${base}/person/${person}/forms`);
  const wanted = page.locator("li.offer").filter({ hasText: title }).locator("button").first();
  for (const shelf of await page.locator("main details").all()) if (await shelf.getByText(title).count()) await shelf.locator("summary").click().catch(() => {});
  if (!(await wanted.isVisible())) await page.locator("main details").filter({ has: wanted }).locator("summary").click();
  await wanted.click();
  await page.waitForURL(/forms\/[^/]+$/);
  return page.url();
}

// A person of Vietnam tells before a visit what worries them.
const person = await signedIn("person-vn");
const own = new URL(person.url()).pathname.split("/")[2] ?? "";
check((await person.innerText("main")).includes("Forms for you"), "My record names the forms");
await look(person, "mine-forms");
await person.goto(`${base}/person/${own}/forms`);
await look(person, "own-list");
const place = await begin(person, own, "Before the visit");
await person.locator("textarea[name='a::reason']").fill("A cough for two weeks");
await person.waitForFunction(() => /\d/.test(document.querySelector("[data-saved]")?.textContent ?? "") && !document.querySelector("[data-saving-now]"), null, { timeout: 8000 });
await person.waitForTimeout(4000);
await person.reload();
check((await person.locator("textarea[name='a::reason']").inputValue()) === "A cough for two weeks", "saved while one types");
for (const name of ["a::pain", "a::fever"]) await person.locator(`input[name='${name}']`).first().check();
// Whoever changes the language at once loses nothing; here the save of before is waited for, so that each page shows it.
await person.waitForFunction(() => /\d/.test(document.querySelector("[data-saved]")?.textContent ?? ""), null, { timeout: 8000 });
await person.waitForTimeout(3000);
await look(person, "own-draft");
await person.click("button[name=act][value=complete]");
await person.waitForURL(/\/send$/);
check((await person.innerText("main")).includes("A cough for two weeks"), "what will be sent stands on the page");
await look(person, "own-send");
await person.click("main .button.first");
check((await person.innerText("main")).includes("Sent. Those who treat see it as your words."), "sent");
await person.goto(place);
await look(person, "own-sent");

// A physician reads it as said by the person, and goes on with it.
const doctor = await signedIn("doctor-vn");
await doctor.goto(place);
check((await doctor.innerText("main")).includes("Said by the person"), "staff reads whose words these are");
await look(doctor, "said-by");
await doctor.click("button[name=act][value=take]");
await doctor.waitForURL((url) => url.toString() !== place);
check((await doctor.locator("button[name=act][value=confirm]").count()) === 1, "each answer waits to be confirmed");
await doctor.screenshot({ path: join(folder, "taken-over-en.png"), fullPage: true });
await doctor.click("button[name=act][value=discard]");

// A document is signed and added to.
const note = await begin(doctor, own, "Before the visit");
await doctor.locator("textarea[name='a::reason']").fill("Told at the desk");
for (const name of ["a::pain", "a::fever"]) await doctor.locator(`input[name='${name}']`).first().check();
await doctor.click("button[name=act][value=sign]");
await doctor.waitForURL(/\/sign$/);
await doctor.fill("#secret", signIns.get("doctor-vn"));
await doctor.click("button[value=sign]");
await doctor.goto(note);
await doctor.click("button[name=act][value=append]");
await doctor.waitForURL((url) => url.toString() !== note);
await doctor.locator("textarea[name='a::added-text']").fill("The film of the chest is clear");
await doctor.locator("input[name='a::added-why']").first().check();
await doctor.click("button[name=act][value=sign]");
await doctor.waitForURL(/\/sign$/);
await doctor.fill("#secret", signIns.get("doctor-vn"));
await doctor.click("button[value=sign]");
await doctor.goto(note);
check((await doctor.innerText("main")).includes("The film of the chest is clear"), "the addendum stands with its document");
await look(doctor, "addendum");

// A parent in Moscow refuses a vaccination for a child.
const parent = await signedIn("person-ru");
const others = parent.locator("main section").filter({ hasText: "Other records you may read" }).locator("a[href*='/person/']");
if (await others.count()) {
  const child = (await others.first().getAttribute("href")).split("/")[2];
  const refusal = await begin(parent, child, "Vaccination refusal");
  for (const [name, value] of [["refuses", "c1"], ["decision", "c0"], ["illness-told", "true"], ["vaccine-told", "true"], ["law-told", "true"], ["withdraw-told", "true"]]) await parent.locator(`input[name='a::${name}'][value='${value}']`).check();
  await parent.locator("[name='a:0:refused-vaccine']").first().selectOption("c7").catch(async () => { await parent.locator("input[name='a:0:refused-vaccine'][value='c7']").check(); });
  await parent.click("button[name=act][value=save]:not(.unseen)");
  await parent.waitForLoadState();
  await parent.locator("input[name='a::proxy-name']").fill("A parent");
  await parent.locator("input[name='a::why']").first().check();
  const confirm = parent.locator("button[name=act][value=confirm]");
  if (await confirm.count()) await Promise.all([parent.waitForLoadState(), confirm.click()]);
  await parent.goto(refusal);
  await parent.click("button[name=act][value=complete]");
  await parent.waitForURL(/\/send$/).catch(() => {});
  check(parent.url().endsWith("/send"), `the refusal is whole: ${(await parent.locator("#wrong").count()) ? await parent.innerText("#wrong") : ""}`);
  await look(parent, "own-refusal");
  await parent.click("main .button.first");
  await parent.goto(`${base}/person/${child}/vaccinations`);
  check((await parent.innerText("main")).includes("Refused on"), "the calendar says that it is refused, and when");
  await look(parent, "refused");
}
check(noise.length === 0, `quiet: ${noise.join("; ")}`);

await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
