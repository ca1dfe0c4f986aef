// Persons sign in with an OpenID provider: a real one (npm oidc-provider) beside a running Carnet.
//
//   CARNET_URL=http://127.0.0.1:8080 CARNET_PROVIDER_PORT=9000 CARNET_SIGN_INS=…/sign-ins.txt node provider.mjs
//
// The server's carnet.toml has an [openid] with issuer http://localhost:PORT, client_id carnet, the
// secret below, and as claim `number` the identifier of a person (see scripts/browser-test).
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";
import Provider from "oidc-provider";

const require = createRequire(import.meta.url);
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const base = (process.env.CARNET_URL ?? "http://127.0.0.1:8080").replace(/\/$/, "");
const port = Number(process.env.CARNET_PROVIDER_PORT ?? 9000);
const system = process.env.CARNET_PROVIDER_SYSTEM ?? "";
const folder = process.env.CARNET_SCREENSHOTS ?? join(import.meta.dirname, "screenshots");
mkdirSync(folder, { recursive: true });
const signIns = new Map(readFileSync(process.env.CARNET_SIGN_INS, "utf8").split("\n").map((line) => line.trim().split(/\s+/)).filter((words) => words.length >= 3).map((words) => [words.at(-2), words.at(-1)]));

let passed = 0;
let failed = 0;
function check(ok, what) {
  if (ok) passed += 1;
  else { failed += 1; console.log(`FAILED  ${what}`); }
}

// Somebody of the demonstration with a number of that system, who has no account: every one whose
// number was taken by a sign-in of the demonstration is passed over when the station refuses.
const authorization = `Basic ${Buffer.from(`system:${signIns.get("system")}`).toString("base64")}`;
const found = await (await fetch(`${base}/fhir/Patient?_count=60&birthdate=lt1990-01-01`, { headers: { authorization } })).json();
const people = (found.entry ?? []).map(({ resource }) => resource).filter((patient) => !patient.deceasedDateTime && !patient.deceasedBoolean && (patient.identifier ?? []).some((identifier) => identifier.system === system));
const numberOf = (patient) => patient.identifier.find((identifier) => identifier.system === system).value;

// The provider: whoever types a login is that person; the number it names is set by the test.
// Nobody of an earlier run.
const maria = `maria-${process.pid}`;
const somebody = `somebody-${process.pid}`;
const numbers = new Map();
const provider = new Provider(`http://localhost:${port}`, {
  clients: [{ client_id: "carnet", client_secret: "kept in a file beside the configuration", redirect_uris: [`${base}/sign-in/provider/back`], response_types: ["code"], grant_types: ["authorization_code"], token_endpoint_auth_method: "client_secret_basic" }],
  pkce: { required: () => true },
  claims: { openid: ["sub", "number"] },
  conformIdTokenClaims: false,
  cookies: { keys: ["only for this test"] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, number: numbers.get(id) }) }),
});
const listening = await new Promise((resolve) => { const server = provider.listen(port, "localhost", () => resolve(server)); });

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });

async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const noise = [];
  page.on("pageerror", (error) => noise.push(error.message));
  page.on("console", (message) => { if (/Content Security/i.test(message.text()) && page.url().startsWith(base)) noise.push(message.text()); });
  return { context, page, noise };
}

async function signIn(page, login) {
  await page.goto(`${base}/sign-in`);
  await page.fill("#login", login);
  await page.fill("#password", signIns.get(login));
  await page.click("main .button.first");
  await page.waitForURL((url) => url.pathname !== "/sign-in");
}

// The code a health station gives; nothing where the person has an account already.
async function code(patient) {
  const { page, context } = await open();
  await signIn(page, "admissions");
  await page.goto(`${base}/person/${patient.id}/trust`);
  const form = page.locator("form:has(input[name=act][value=invite])");
  let letters = "";
  if (await form.count()) {
    await form.locator("[name=evidence]").fill("passport");
    await form.locator("button").click();
    await page.waitForSelector(".secret.large");
    letters = (await page.textContent(".secret.large")).trim();
  }
  await context.close();
  return letters;
}

// From our door to the provider and back; says where the way back led.
async function through(page, login, cancel = false) {
  let returned = "";
  const notice = (request) => { if (request.url().startsWith(`${base}/sign-in/provider/back`)) returned = request.url(); };
  page.on("request", notice);
  await page.goto(`${base}/sign-in`);
  await page.click("a[href^='/sign-in/provider']");
  await page.waitForLoadState("networkidle");
  // Whom the provider still knows, and who allowed it before, is sent straight back.
  const isThere = () => new URL(page.url()).port === String(port);
  if (!isThere()) {
    page.off("request", notice);
    return returned;
  }
  if (cancel) {
    await page.click("a[href*='abort']");
  } else {
    if (await page.locator("input[name=login]").count()) {
      await page.fill("input[name=login]", login);
      await page.fill("input[name=password]", "any");
      await page.click("button[type=submit]");
    }
    // What the site asks for is allowed once.
    await page.waitForLoadState("networkidle");
    if (isThere() && (await page.locator("button[type=submit]").count())) await page.click("button[type=submit]");
  }
  await page.waitForURL((url) => url.origin === base);
  await page.waitForLoadState();
  page.off("request", notice);
  return returned;
}

const inside = async (page) => { await page.waitForLoadState(); return (await page.locator(".who").count()) === 1; };

async function inspect(page, where) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  check(!wide, `${where}: nothing makes the page scroll sideways`);
  check(!(await page.textContent("body")).includes("⟦"), `${where}: every word is there`);
  await page.evaluate(axeSource);
  const seen = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  check(seen.violations.length === 0, `${where}: axe finds nothing (${seen.violations.map((one) => one.id).join(", ")})`);
}

try {
  check(people.length >= 3, `there are people with a number of ${system || "no system"} (${people.length})`);
  let one;
  let letters = "";
  for (const patient of people) {
    letters = await code(patient);
    if (letters) { one = patient; break; }
  }
  check(letters.length === 14, "a health station gives a code");
  const other = people.find((patient) => patient.id !== one.id);
  numbers.set(maria, numberOf(one));
  numbers.set(somebody, numberOf(other));

  const stranger = await open();
  await through(stranger.page, somebody);
  check((await stranger.page.locator("input[name=ticket]").count()) === 1 && !(await inside(stranger.page)), "the provider alone opens no record");
  await stranger.page.fill("#code", "aaaa-bbbb-cccc");
  await stranger.page.click("main .button.first");
  await stranger.page.waitForSelector(".fault");
  check(!(await inside(stranger.page)), "a code nobody gave opens nothing");
  await stranger.page.fill("#code", letters);
  await stranger.page.click("main .button.first");
  await stranger.page.waitForSelector(".fault");
  check(!(await inside(stranger.page)), "a code for another person than the provider names opens nothing");
  await stranger.context.close();

  const { page, context, noise } = await open({ viewport: { width: 360, height: 740 } });
  for (const language of ["es", "vi", "ru", "en"]) {
    await page.goto(`${base}/sign-in`);
    await page.click(`button[name=language][value=${language}]`);
    await page.waitForLoadState();
    await inspect(page, `${language} door`);
    await page.screenshot({ path: join(folder, `provider-${language}-door.png`), fullPage: true });
    await through(page, maria);
    await page.waitForSelector("input[name=ticket]", { state: "attached" });
    await inspect(page, `${language} link`);
    await page.screenshot({ path: join(folder, `provider-${language}-link.png`), fullPage: true });
  }
  await page.fill("#code", letters);
  await page.click("main .button.first");
  await page.waitForURL(`${base}/person/${one.id}`);
  check(await inside(page), "with the code the person comes to the own record");
  await page.goto(`${base}/account`);
  await page.click("form[action='/sign-out'] button");
  await page.waitForURL(`${base}/sign-in`);
  const returned = await through(page, maria);
  await page.waitForURL(`${base}/person/${one.id}`);
  check(await inside(page), "from then on the provider is enough");
  check(returned.includes("code=") && returned.includes("state="), "the way back carries code and state");
  check(noise.length === 0, `nothing is refused by the policy of a page (${noise.join(" | ")})`);

  const again = await open();
  await again.page.goto(returned);
  check(!(await inside(again.page)) && (await again.page.locator(".fault:visible").count()) === 1, "what came back opens nothing in another browser");
  await again.context.close();
  await page.goto(`${base}/account`);
  await page.click("form[action='/sign-out'] button");
  await page.waitForURL(`${base}/sign-in`);
  await page.goto(returned);
  check(!(await inside(page)), "nor a second time in this one");
  await context.close();

  const denied = await open();
  await through(denied.page, maria, true);
  check(!(await inside(denied.page)) && (await denied.page.locator(".fault:visible").count()) === 1, "who turns back at the provider is not let in");
  await denied.context.close();

  // Somebody who has an account links it: asked anew by the provider, and the number must be the record's.
  const linker = `linker-${process.pid}`;
  const owner = await open({ viewport: { width: 360, height: 740 } });
  await signIn(owner.page, "person-mx");
  const own = new URL(owner.page.url()).pathname.split("/")[2];
  const patient = await (await fetch(`${base}/fhir/Patient/${own}`, { headers: { authorization } })).json();
  const number = (patient.identifier ?? []).find((identifier) => identifier.system === system)?.value ?? "";
  const link = async (pretends) => {
    numbers.set(linker, pretends);
    await owner.page.goto(`${base}/account`);
    await owner.page.click("form[action='/account/provider/link'] button");
    await owner.page.waitForURL((url) => url.port === String(port));
    await owner.page.waitForLoadState("networkidle");
    check((await owner.page.locator("input[name=login]").count()) === 1, "the provider asks anew, whoever is signed in there");
    await owner.page.fill("input[name=login]", linker);
    await owner.page.fill("input[name=password]", "any");
    await owner.page.click("button[type=submit]");
    await owner.page.waitForLoadState("networkidle");
    if (new URL(owner.page.url()).port === String(port) && (await owner.page.locator("button[type=submit]").count())) await owner.page.click("button[type=submit]");
    await owner.page.waitForURL(`${base}/account/provider/confirm`);
  };
  await link("another-number");
  await owner.page.click("main .button.first");
  await owner.page.waitForSelector(".fault");
  check((await owner.page.locator("form[action='/account/provider/link']").count()) === 1, "a number of somebody else links nothing");
  await link(number);
  await inspect(owner.page, "link an account");
  await owner.page.screenshot({ path: join(folder, "provider-account-confirm.png"), fullPage: true });
  await owner.page.click("main .button.first");
  await owner.page.waitForSelector(".news");
  for (const language of ["es", "vi", "ru", "en"]) {
    await owner.page.goto(`${base}/account`);
    await owner.page.click(`button[name=language][value=${language}]`);
    await owner.page.waitForLoadState();
    await inspect(owner.page, `${language} linked account`);
    await owner.page.screenshot({ path: join(folder, `provider-${language}-account.png`), fullPage: true });
  }
  await owner.page.click("form[action='/sign-out'] button");
  await owner.page.waitForURL(`${base}/sign-in`);
  await through(owner.page, linker);
  await owner.page.waitForURL(`${base}/person/${own}`);
  check(await inside(owner.page), "from then on the provider lets the account in");
  await owner.page.goto(`${base}/account`);
  await owner.page.fill("#provider-current", signIns.get("person-mx"));
  await owner.page.click("button[name=act][value=unlink]");
  await owner.page.waitForSelector(".news");
  check((await owner.page.locator("form[action='/account/provider/link']").count()) === 1, "with the password the link is taken off");
  check(owner.noise.length === 0, `nothing is refused by the policy of the pages of linking (${owner.noise.join(" | ")})`);
  await owner.context.close();

  // A number that names nobody, from the same provider.
  numbers.delete(maria);
  const nameless = await open();
  await through(nameless.page, maria);
  check(!(await inside(nameless.page)), "a token without the number proves nobody");
  await nameless.context.close();
} catch (error) {
  failed += 1;
  console.log(`FAILED  ${String(error?.stack ?? error).split("\n").slice(0, 6).join(" ")}`);
}
await browser.close();
listening.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
