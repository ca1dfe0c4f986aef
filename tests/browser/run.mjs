// Drives a running Carnet: sign in, find, chart, timeline, document, in four languages, two widths,
// light and dark; then by keyboard, on a narrow screen, cold, and with script blocked.
//
//   CARNET_URL=http://127.0.0.1:8080 CARNET_LOGIN=… CARNET_PASSWORD=… CARNET_FIND=… node run.mjs
//
// CARNET_FIND is something that finds at least one person with a note. CHROMIUM names another
// browser, CARNET_SCREENSHOTS another folder. The exit code is 0 only if every check passed.
import { mkdirSync, readFileSync } from "node:fs";
import { createHmac } from "node:crypto";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const base = (process.env.CARNET_URL ?? "http://127.0.0.1:8080").replace(/\/$/, "");
const login = process.env.CARNET_LOGIN ?? "";
const password = process.env.CARNET_PASSWORD ?? "";
const find = process.env.CARNET_FIND ?? "";
const folder = process.env.CARNET_SCREENSHOTS ?? join(import.meta.dirname, "screenshots");
const only = process.env.CARNET_ONLY ?? "";
mkdirSync(folder, { recursive: true });

if (!login || !password || !find) {
  console.log("Set CARNET_LOGIN, CARNET_PASSWORD and CARNET_FIND (see the head of this file).");
  console.log("0 passed, 1 failed");
  process.exit(1);
}

const COLD_BYTES = 120 * 1024;
const languages = ["es", "vi", "ru", "en"];
const shapes = [
  { name: "desk", width: 1366, height: 768 },
  { name: "phone", width: 360, height: 740 },
];
const schemes = ["light", "dark"];

let passed = 0;
let failed = 0;
function check(ok, what) {
  if (ok) {
    passed += 1;
  } else {
    failed += 1;
    console.log(`FAILED  ${what}`);
  }
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"],
});

// A browser that dies is a failure too, and the last line says so.
for (const event of ["uncaughtException", "unhandledRejection"]) {
  process.on(event, (error) => {
    console.log(`FAILED  ${String(error?.message ?? error).split("\n")[0]}`);
    console.log(`${passed} passed, ${failed + 1} failed`);
    process.exit(1);
  });
}

// A page whose console, errors, failed requests and foreign requests are kept.
async function open(options) {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, ...options });
  const page = await context.newPage();
  const noise = [];
  page.on("console", (message) => noise.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => noise.push(`error: ${error.message}`));
  page.on("requestfailed", (request) => noise.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
  page.on("request", (request) => { if (!request.url().startsWith(base)) noise.push(`foreign: ${request.url()}`); });
  return { context, page, noise };
}

// What must hold on every page.
async function inspect({ page, noise }, where, expected) {
  check(noise.length === 0, `${where}: the console is silent (${noise.join(" | ")})`);
  noise.length = 0;
  const facts = await page.evaluate(() => {
    const clipped = [];
    for (const element of document.querySelectorAll("body *")) {
      const style = getComputedStyle(element);
      const hides = ["hidden", "clip"].includes(style.overflowX) && style.position !== "absolute" && style.position !== "fixed";
      if (hides && element.scrollWidth > element.clientWidth + 1) clipped.push(element.tagName + "." + element.className);
    }
    const sizes = new Set();
    const weights = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (!node.textContent.trim() || !parent || !parent.checkVisibility()) continue;
      const style = getComputedStyle(parent);
      sizes.add(style.fontSize);
      weights.add(style.fontWeight);
    }
    const levels = [...document.querySelectorAll("h1,h2,h3,h4,h5,h6")].filter((heading) => heading.checkVisibility()).map((heading) => Number(heading.tagName[1]));
    return {
      lang: document.documentElement.lang,
      title: document.title,
      wide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
      clipped,
      sizes: [...sizes],
      weights: [...weights],
      primary: [...document.querySelectorAll(".button.first")].filter((button) => button.checkVisibility()).length,
      headings: levels.filter((level) => level === 1).length === 1 && levels.every((level, place) => place === 0 || level <= levels[place - 1] + 1),
      inline: document.querySelectorAll("[style], script:not([src]), style").length,
      missing: document.body.textContent.includes("⟦"),
      font: document.fonts.check('16px "Carnet Sans"'),
    };
  });
  if (expected) check(facts.lang === expected, `${where}: the page is in ${expected}, not ${facts.lang}`);
  check(!facts.wide, `${where}: nothing makes the page scroll sideways`);
  check(facts.clipped.length === 0, `${where}: no text is cut (${facts.clipped.join(", ")})`);
  check(facts.sizes.length <= 3, `${where}: at most three sizes of type (${facts.sizes})`);
  check(facts.weights.length <= 3, `${where}: at most three weights (${facts.weights})`);
  check(facts.primary <= 1, `${where}: at most one primary button`);
  check(facts.headings, `${where}: one h1 and no skipped level`);
  check(facts.inline === 0, `${where}: nothing inline`);
  check(!facts.missing, `${where}: every word is there`);
  if (where.endsWith("chart")) check(facts.font, `${where}: our font is loaded`);
  await page.evaluate(axeSource);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const violations = found.violations.map((violation) => `${violation.id}: ${violation.nodes.slice(0, 3).map((node) => node.target.join(" ")).join("; ")}`);
  check(violations.length === 0, `${where}: axe finds nothing (${violations.join(" | ")})`);
  noise.length = 0;
}

async function signIn(page) {
  await page.goto(`${base}/sign-in`);
  await page.fill("#login", login);
  await page.fill("#password", password);
  await page.click("main .button.first");
  await page.waitForURL(`${base}/`);
}

async function findAndOpen(page) {
  await page.fill("main #q", find);
  await page.click("main .button.first");
  await page.waitForSelector("main tbody a[href^='/person/']");
}

const noteLink = "a[href*='/document/Composition/'], a[href*='/document/DocumentReference/']";

let chart = "";
for (const language of languages) {
  for (const shape of shapes) {
    for (const scheme of schemes) {
      const name = `${language}-${shape.name}-${scheme}`;
      if (only && !name.includes(only)) continue;
      const visit = await open({ viewport: { width: shape.width, height: shape.height }, colorScheme: scheme, hasTouch: shape.name === "phone", reducedMotion: "reduce" });
      const { page, context } = visit;
      try {
        const shot = (what, fullPage = false) => page.screenshot({ path: join(folder, `${name}-${what}.png`), fullPage });
        await page.goto(`${base}/sign-in`);
        await page.click(`button[name=language][value=${language}]`);
        await page.waitForLoadState();
        await inspect(visit, `${name} sign in`, language);
        await shot("1-sign-in");
        await signIn(page);
        await inspect(visit, `${name} search`, language);
        await findAndOpen(page);
        check(!page.url().includes(encodeURIComponent(find)) && new URL(page.url()).search === "", `${name}: the address does not carry what was searched`);
        await inspect(visit, `${name} found`, language);
        await shot("2-found");
        await page.click("main tbody a[href^='/person/']");
        await page.waitForSelector(".banner h1");
        chart = page.url();
        const heading = await page.textContent(".banner h1");
        check((await page.title()).startsWith(heading.trim()), `${name}: the tab begins with the person's name`);
        await inspect(visit, `${name} chart`, language);
        await shot("3-chart");
        await shot("3-chart-whole", true);
        await page.goto(`${chart}/timeline`);
        await inspect(visit, `${name} timeline`, language);
        await shot("4-timeline");
        await page.goto(`${chart}/timeline?kind=note`);
        const note = page.locator(`main ${noteLink}`).first();
        check((await note.count()) === 1, `${name}: a note can be opened`);
        if (await note.count()) {
          await note.click();
          await page.waitForSelector("article");
          await inspect(visit, `${name} note`, language);
          await shot("5-note");
        }
        for (const list of ["problems", "medicines", "results", "vitals", "openings"]) {
          await page.goto(`${chart}/${list}`);
          await inspect(visit, `${name} ${list}`, language);
        }
        await shot("6-vitals");
        await page.goto(`${base}/account`);
        await inspect(visit, `${name} account`, language);
        await shot("7-account");
        await page.goto(`${base}/account/second-factor`);
        await inspect(visit, `${name} second factor`, language);
        await shot("8-second-factor", true);
        await page.goto(`${base}/sign-in/new-password`);
        await inspect(visit, `${name} new password`, language);
        await shot("9-new-password");
        await page.goto(`${base}/person/there-is-nobody-here`);
        visit.noise.length = 0; // a 404 speaks in the console of its own accord
        await inspect(visit, `${name} not found`, language);
        check(!(await page.title()).includes("there-is-nobody-here"), `${name}: the title of an error repeats nothing`);
      } catch (error) {
        check(false, `${name}: ${error.message.split("\n")[0]}`);
      }
      await context.close();
    }
  }
}

// A narrow screen, twice the size of text, and print.
{
  const visit = await open({ viewport: { width: 320, height: 640 } });
  const { page, context } = visit;
  try {
    await signIn(page);
    for (const path of ["", "/timeline", "/timeline?kind=note", "/problems", "/medicines", "/results", "/vitals", "/growth"]) {
      await page.goto(chart + path);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      check(wide <= 0, `320 px ${path || "chart"}: no sideways scroll (${wide} px too wide)`);
    }
    await page.goto(chart);
    await page.screenshot({ path: join(folder, "narrow-chart.png"), fullPage: true });
    await page.setViewportSize({ width: 1366, height: 768 });
    const pdf = await page.pdf({ format: "A4", path: join(folder, "chart.pdf") });
    check(pdf.length > 5000, "the chart prints");
    check(visit.noise.length === 0, `narrow: the console is silent (${visit.noise.join(" | ")})`);
  } catch (error) {
    check(false, `narrow: ${error.message.split("\n")[0]}`);
  }
  await context.close();
}

// By keyboard, on the layout of a Russian keyboard too: letters are told by their place.
{
  const visit = await open({});
  const { page, context } = visit;
  try {
    await signIn(page);
    await page.goto(chart);
    await page.keyboard.press("/");
    check(await page.evaluate(() => document.activeElement?.id === "q"), "keys: / goes to the search");
    await page.keyboard.press("Tab");
    await page.evaluate(() => document.activeElement?.blur());
    await page.keyboard.press("g");
    await Promise.all([page.waitForURL(/timeline/), page.keyboard.press("t")]);
    check(page.url().endsWith("/timeline"), "keys: g t goes to the timeline");
    await page.evaluate(() => {
      for (const [code, key] of [["KeyG", "п"], ["KeyO", "щ"]]) document.body.dispatchEvent(new KeyboardEvent("keydown", { code, key, bubbles: true }));
    });
    await page.waitForURL(chart);
    check(true, "keys: п щ goes to the overview");
    await page.keyboard.press("Shift+Slash");
    check(await page.evaluate(() => document.getElementById("keys").open), "keys: ? shows the map");
    await page.evaluate(axeSource);
    const found = await page.evaluate(() => window.axe.run(document.getElementById("keys"), { resultTypes: ["violations"] }));
    check(found.violations.length === 0, `keys: axe finds nothing in the map (${found.violations.map((one) => one.id)})`);
    await page.screenshot({ path: join(folder, "keys.png") });
    await page.click("[data-toggles]");
    await page.click("[data-closes]");
    await page.keyboard.press("g");
    await page.keyboard.press("t");
    await page.waitForTimeout(300);
    check(page.url() === chart, "keys: single letters can be switched off");
    visit.noise.length = 0;
    await page.click("form[action='/sign-out'] button");
    await page.waitForURL(/sign-in/);
    await page.goto(chart);
    check(page.url().includes("/sign-in"), "after signing out a record is closed");
  } catch (error) {
    check(false, `keys: ${error.message.split("\n")[0]}`);
  }
  await context.close();
}

// Cold: what a browser fetches that has never been here.
{
  const first = await open({});
  await signIn(first.page);
  const state = await first.context.storageState();
  await first.context.close();
  const { page, context } = await open({ storageState: state });
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  let bytes = 0;
  let requests = 0;
  session.on("Network.loadingFinished", (event) => { bytes += event.encodedDataLength; requests += 1; });
  const began = Date.now();
  await page.goto(chart);
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(300);
  console.log(`cold chart: ${bytes} bytes in ${requests} requests, ${Date.now() - began - 300} ms`);
  check(bytes <= COLD_BYTES, `cold: ${bytes} bytes of ${COLD_BYTES}`);
  const shift = await page.evaluate(() => new Promise((resolve) => {
    let sum = 0;
    new PerformanceObserver((list) => { for (const entry of list.getEntries()) sum += entry.value; }).observe({ type: "layout-shift", buffered: true });
    setTimeout(() => resolve(sum), 200);
  }));
  console.log(`layout shift: ${shift.toFixed(3)}`);
  bytes = 0;
  await page.goto(`${chart}/timeline`);
  await page.waitForTimeout(300);
  console.log(`warm timeline: ${bytes} bytes`);
  check(bytes <= 25 * 1024, `warm: ${bytes} bytes`);
  await context.close();
}

// With script blocked everything still works.
{
  const visit = await open({ javaScriptEnabled: false });
  const { page, context } = visit;
  try {
    await signIn(page);
    await findAndOpen(page);
    await page.click("main tbody a[href^='/person/']");
    await page.waitForSelector(".banner h1");
    check((await page.locator("main section.card").count()) >= 4, "without script: the chart is whole");
    await page.click("nav.rail a[href$='/timeline']");
    await page.waitForSelector(".events");
    await page.click("nav.rail a[href$='kind=note']");
    await page.locator(`main ${noteLink}`).first().click();
    await page.waitForSelector("article");
    await page.click("details.received summary");
    check(await page.locator("details.received pre").first().isVisible(), "without script: the received data unfold");
    await page.fill("header #q", find);
    await page.click("header .search button");
    await page.waitForSelector("main tbody a[href^='/person/']");
    check(true, "without script: the search works from a record");
    await page.click("form[action='/sign-out'] button");
    await page.waitForSelector("#login");
    check(true, "without script: one can leave");
  } catch (error) {
    check(false, `without script: ${error.message.split("\n")[0]}`);
  }
  await context.close();
}

// Without script and on a telephone: the desk gives the nurse a code, the nurse sets a password,
// adds a second factor, comes in with it, and ends all sign-ins. CARNET_SIGN_INS names the file
// of the demonstration's sign-ins; elsewhere this is left out, and said.
if (process.env.CARNET_SIGN_INS) {
  const lines = readFileSync(process.env.CARNET_SIGN_INS, "utf8").split("\n").map((line) => line.trim().split(/\s+/));
  const passwordOf = (wanted) => lines.find((words) => words[1] === wanted)?.[2] ?? "";
  const phone = { viewport: { width: 360, height: 740 }, javaScriptEnabled: false };
  const desk = await open(phone);
  const nurse = await open(phone);
  const enter = async ({ page }, who, word) => {
    await page.goto(`${base}/sign-in`);
    await page.fill("#login", who);
    await page.fill("#password", word);
    await page.click("main .button.first");
  };
  const shot = ({ page }, what) => page.screenshot({ path: join(folder, `phone-${what}.png`), fullPage: true });
  try {
    await enter(desk, "admissions", passwordOf("admissions"));
    for (const language of languages) {
      await desk.page.goto(`${base}/accounts`);
      await desk.page.click(`button[name=language][value=${language}]`);
      await desk.page.waitForSelector(`html[lang=${language}]`);
      await shot(desk, `accounts-${language}`);
      const wide = await desk.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      check(wide <= 0, `accounts in ${language}: no sideways scroll (${wide} px too wide)`);
    }
    await desk.page.locator("form:has(input[name=login][value=nurse]) button[value=give-code]").click();
    const given = (await desk.page.textContent(".news .secret")).trim();
    await shot(desk, "code-given");
    await nurse.page.goto(`${base}/sign-in`);
    await nurse.page.click("main a[href='/sign-in/new-password']");
    const fresh = "four words of the ward";
    await nurse.page.fill("#login", "nurse");
    await nurse.page.fill("#code", given);
    await nurse.page.fill("#password", fresh);
    await nurse.page.click("main .button.first");
    check(await nurse.page.locator(".news").isVisible(), "account: a code sets a new password");
    await enter(nurse, "nurse", fresh);
    await nurse.page.goto(`${base}/account/second-factor`);
    await shot(nurse, "second-factor");
    const letters = (await nurse.page.textContent("main .secret")).replaceAll(" ", "");
    const first = totp(letters);
    await nurse.page.fill("#code", first);
    await nurse.page.click("main .button.first");
    check((await nurse.page.locator(".codes li").count()) === 10, "account: ten recovery codes are shown");
    const recovery = await nurse.page.locator(".codes li").first().textContent();
    await shot(nurse, "recovery");
    await nurse.page.click("form[action='/sign-out'] button");
    await enter(nurse, "nurse", fresh);
    check(nurse.page.url().includes("/sign-in/code"), "account: the code is asked for");
    await nurse.page.goto(`${base}/`);
    check(nurse.page.url().includes("/sign-in/code"), "account: half a sign-in leads nowhere else");
    await shot(nurse, "code");
    await nurse.page.fill("#code", first);
    await nurse.page.click("main .button.first");
    check(await nurse.page.locator(".fault").isVisible(), "account: a code opens once");
    await nurse.page.fill("#code", recovery);
    await nurse.page.click("main .button.first");
    await nurse.page.waitForURL(`${base}/`);
    await nurse.page.goto(`${base}/account`);
    await shot(nurse, "account");
    await nurse.page.click("button[value=all]");
    check(nurse.page.url().includes("/sign-in"), "account: end all ends this one too");
  } catch (error) {
    check(false, `account: ${error.message.split("\n")[0]}`);
  }
  await desk.context.close();
  await nurse.context.close();
} else {
  console.log("CARNET_SIGN_INS is not set: codes and second factors are left out.");
}

// What an application shows now that has read these letters.
function totp(letters) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...letters].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const secret = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000)));
  const tag = createHmac("sha1", secret).update(step).digest();
  const offset = tag[19] & 15;
  return String((tag.readUInt32BE(offset) & 0x7fffffff) % 1000000).padStart(6, "0");
}

// A wrong password says so and nothing else; a form from elsewhere is refused.
{
  const { page, context } = await open({});
  await page.goto(`${base}/sign-in`);
  await page.fill("#login", "nobody-of-that-name");
  await page.fill("#password", "wrong");
  await page.click("main .button.first");
  await page.waitForSelector(".fault");
  check(page.url() === `${base}/sign-in`, "a wrong password stays at the door");
  const answer = await context.request.post(`${base}/find`, { form: { q: "x" }, maxRedirects: 0 });
  check(answer.status() === 303 && answer.headers().location.startsWith("/sign-in"), "a search without a session is sent to the door");
  await context.close();
}

await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
