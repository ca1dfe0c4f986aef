// A desk registers people in a real browser: with the keyboard alone, without script, all four kinds, and how long a
// scripted registration takes.
//
//   CARNET_URL=http://127.0.0.1:8080 CARNET_SIGN_INS=…/sign-ins.txt node register.mjs
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

// A scripted registration may take so long, with so much time for each key as somebody takes who types steadily.
const BUDGET_SECONDS = 80;
const KEY_MS = 180;

let passed = 0;
let failed = 0;
function check(ok, what) {
  if (ok) passed += 1;
  else { failed += 1; console.log(`FAILED  ${what}`); }
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
const noise = [];

async function signedIn(login, javaScriptEnabled = true) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, javaScriptEnabled });
  const page = await context.newPage();
  page.on("pageerror", (error) => noise.push(error.message));
  page.on("console", (message) => { if (/Content Security|Trusted/i.test(message.text())) noise.push(message.text()); });
  await page.goto(`${base}/sign-in`);
  await page.fill("#login", login);
  await page.fill("#password", signIns.get(login));
  await page.click("main .button.first");
  await page.waitForURL((url) => url.pathname !== "/sign-in");
  await context.addCookies([{ name: "carnet_language", value: "en", url: base }]);
  return page;
}

const isRecord = (url) => /^\/person\/[^/]+$/.test(url.pathname);

/** Counts keys, and takes for each the time that somebody takes. */
function typist(page) {
  let keys = 0;
  return {
    get keys() { return keys; },
    async press(key) { keys += 1; await page.keyboard.press(key); await page.waitForTimeout(KEY_MS); },
    async type(text) { keys += [...text].length; await page.keyboard.type(text, { delay: KEY_MS }); },
    async tabTo(name) {
      for (let steps = 0; steps < 60; steps += 1) {
        if (await page.evaluate((name) => document.activeElement?.getAttribute("name") === name, name)) return true;
        await this.press("Tab");
      }
      return false;
    },
  };
}

// With the keyboard alone, and timed: from the page to the record.
const page = await signedIn("admissions");
const stamp = Date.now().toString(36).replace(/[0-9]/g, (digit) => "abcdefghij"[digit]);
const began = performance.now();
await page.goto(`${base}/register?country=mx`);
const hands = typist(page);
check(await page.evaluate(() => document.activeElement?.id === "name-0"), "one begins to type in the first field");
await hands.type(`Prueba${stamp}`);
for (const [field, text] of [["name-1", "Ensayo"], ["name-2", "Ana Luz"]]) {
  check(await hands.tabTo(field), `${field} is reached with Tab`);
  await hands.type(text);
}
check(await hands.tabTo("sex"), "sex is reached with Tab");
await hands.press("ArrowDown");
for (const [field, text] of [["born", "12/05/1980"], ["telephone", "55 0000 0000"]]) {
  check(await hands.tabTo(field), `${field} is reached with Tab`);
  await hands.type(text);
}
await Promise.all([page.waitForNavigation(), hands.press("Enter")]);
if (!isRecord(new URL(page.url()))) {
  await page.screenshot({ path: join(folder, "register-likely-en-desk.png"), fullPage: true });
  // Somebody may be the same: whoever looked goes on.
  await page.focus("main form .button.first");
  await Promise.all([page.waitForNavigation(), hands.press("Enter")]);
}
const seconds = (performance.now() - began) / 1000;
check(isRecord(new URL(page.url())), "Enter registers and leads to the record");
check(seconds <= BUDGET_SECONDS, `a registration takes ${seconds.toFixed(1)} s of ${BUDGET_SECONDS}`);
console.log(`a registration: ${seconds.toFixed(1)} s, ${hands.keys} keys at ${KEY_MS} ms each, ${(seconds - hands.keys * KEY_MS / 1000).toFixed(1)} s of them not typing`);
const mother = new URL(page.url()).pathname.split("/")[2];

// Her newborn, from her page and with the keyboard alone.
const link = page.locator("a[href*='kind=newborn']");
check((await link.count()) === 1 && !(await link.getAttribute("href")).includes("Prueba"), "her page leads there without her name");
await link.focus();
await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
check((await page.innerText("main")).includes(`PRUEBA${stamp.toUpperCase()}`), "the page says who the mother is");
const day = await page.evaluate(() => { const now = new Date(Date.now() - 36 * 3600e3); return `${now.getUTCDate()}/${now.getUTCMonth() + 1}/${now.getUTCFullYear()}`; });
const nurse = typist(page);
check(await nurse.tabTo("born"), "the day is reached with Tab");
await nurse.type(day);
check(await nurse.tabTo("born-time"), "the time is reached with Tab");
await nurse.type("9:15");
check(await nurse.tabTo("sex"), "sex is reached with Tab");
await nurse.press("ArrowDown");
// Back to a field of text: Enter in a list of choices is the browser's own.
await page.focus("#born-time");
await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
check(isRecord(new URL(page.url())) && /Recién nacid[ao] de Ana Luz/.test(await page.innerText("h1")), "the newborn is called by the mother's name");
await page.screenshot({ path: join(folder, "register-newborn-record-en-desk.png") });

// What was refused is gone on with at the first wrong field, and the top of the page leads to each.
await page.goto(`${base}/register?country=mx`);
await page.fill("#name-0", "Prueba");
await page.fill("#name-2", "Luz");
await page.fill("#born", "soon");
await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
check((await page.evaluate(() => document.activeElement?.id)) === "sex", "the focus is in the first wrong field");
check((await page.locator(".fault a[href='#sex']").count()) === 1 && (await page.locator(".fault a[href='#born']").count()) === 1, "each wrong field is named at the top");
await page.click(".fault a[href='#born']");
check((await page.evaluate(() => document.activeElement?.id)) === "born" && (await page.inputValue("#born")) === "soon", "and a link leads to it, with what was typed");
await page.screenshot({ path: join(folder, "register-wrong-en-desk.png"), fullPage: true });

// Without script: another kind and country keep what was typed, a mother is found and chosen, and a second newborn of
// hers is shown the first.
const plain = await signedIn("admissions", false);
await plain.goto(`${base}/register?country=mx`);
await plain.fill("#name-0", "Prueba");
await plain.fill("#name-2", "Luz");
await plain.fill("#contact", "Somebody");
await plain.click("button[name=turn][value=unknown]");
check((await plain.locator("#name-0").count()) === 0 && (await plain.inputValue("#contact")) === "Somebody", "what has a field stays");
await plain.click("button[name=turn][value=known]");
check((await plain.inputValue("#name-0")) === "Prueba" && (await plain.inputValue("#name-2")) === "Luz", "and what had none comes back");
await plain.selectOption("#country", "vn");
await plain.click("button[name=turn][value='']");
check((await plain.inputValue("#name-0")) === "Prueba" && (await plain.inputValue("#name-2")) === "Luz" && (await plain.locator("#number-cccd").count()) === 1, "a name goes to the fields of another country");
await plain.click("button[name=turn][value=newborn]");
await plain.fill("#mother-sought", `Prueba${stamp}`);
await plain.press("#mother-sought", "Enter");
await plain.screenshot({ path: join(folder, "register-mothers-en-desk.png"), fullPage: true });
await plain.click(`button[name=choose][value="${mother}"]`);
await plain.fill("#born", day);
await plain.selectOption("#sex", "male");
await plain.click("main form .button.first");
check((await plain.innerText("main")).includes("The same mother, the same day"), "a second newborn is shown the first");
await plain.screenshot({ path: join(folder, "register-twins-en-desk.png"), fullPage: true });
await plain.click("main form .button.first");
check(!isRecord(new URL(plain.url())), "a second newborn without its order is asked for it");
await plain.selectOption("#birth-order", "2");
await plain.click("main form .button.first");
check(isRecord(new URL(plain.url())), "who looked goes on");

// Somebody unknown: an age is a guess.
await plain.goto(`${base}/register?kind=unknown&country=ru`);
await plain.selectOption("#sex", "male");
await plain.fill("#age", "40");
await plain.click("main form .button.first");
check(isRecord(new URL(plain.url())) && (await plain.innerText("body")).includes("about 40 years"), "an age is shown as a guess");

// All four kinds in four languages and two widths: nothing spills, no word is missing, axe finds nothing.
for (const [kind, more] of [["known", ""], ["foreigner", ""], ["unknown", ""], ["newborn", ""], ["newborn", `&mother=${mother}`]]) {
  const name = `register-${kind}${more ? "-of" : ""}`;
  for (const [language, country] of [["es", "mx"], ["vi", "vn"], ["ru", "ru"], ["en", "mx"]]) {
    await page.context().addCookies([{ name: "carnet_language", value: language, url: base }]);
    for (const [shape, width] of [["desk", 1280], ["phone", 400]]) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(`${base}/register?kind=${kind}&country=${country}${more}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      check(wide <= 0, `${name} ${language} ${shape}: ${wide} pixels too wide`);
      check(!/\b(register|field|born|age)-[a-z]+/.test(await page.innerText("main")), `${name} ${language}: a key stands on the page`);
      await page.screenshot({ path: join(folder, `${name}-${language}-${shape}.png`), fullPage: true });
    }
  }
  await page.evaluate(axeSource);
  const found = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] }));
  check(found.violations.length === 0, `${name}: ${found.violations.map((one) => one.id).join(", ")}`);
}

check(noise.length === 0, `the browser complains: ${noise.slice(0, 3).join(" · ")}`);
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
