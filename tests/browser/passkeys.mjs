// Passkeys in a real browser with a virtual authenticator: added, used, refused, taken off.
//
//   CARNET_URL=http://127.0.0.1:8080 CARNET_SIGN_INS=…/sign-ins.txt node passkeys.mjs
//
// The server listens on this machine; passkeys are made at its name, localhost. CHROMIUM names
// another browser, CARNET_SCREENSHOTS another folder. The exit code is 0 only if every check passed.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const number = (process.env.CARNET_URL ?? "http://127.0.0.1:8080").replace(/\/$/, "");
const base = number.replace("127.0.0.1", "localhost");
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
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  const page = await context.newPage();
  const noise = [];
  page.on("pageerror", (error) => noise.push(error.message));
  page.on("console", (message) => { if (/Content Security|Trusted/i.test(message.text())) noise.push(message.text()); });
  const wire = await context.newCDPSession(page);
  await wire.send("WebAuthn.enable");
  const { authenticatorId } = await wire.send("WebAuthn.addVirtualAuthenticator", { options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
  const device = { verified: (isUserVerified) => wire.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified }), keys: async () => (await wire.send("WebAuthn.getCredentials", { authenticatorId })).credentials, drop: (credentialId) => wire.send("WebAuthn.removeCredential", { authenticatorId, credentialId }), take: (credential) => wire.send("WebAuthn.addCredential", { authenticatorId, credential }) };
  return { context, page, noise, device };
}

async function signIn(page, login) {
  await page.goto(`${base}/sign-in`);
  await page.fill("#login", login);
  await page.fill("#password", signIns.get(login));
  await page.click("main .button.first");
  await page.waitForURL((url) => url.pathname !== "/sign-in");
}

async function signOut(page) {
  await page.goto(`${base}/account`);
  await page.click("form[action='/sign-out'] button");
  await page.waitForURL(`${base}/sign-in`);
}

async function add(page, login, name) {
  await page.goto(`${base}/account/passkeys`);
  await page.fill("#name", name);
  await page.fill("#current", signIns.get(login));
  await page.click("form[data-passkey=create] button");
}

// Presses the button of the door and waits for what comes of it.
async function enter(page, change) {
  await page.goto(`${base}/sign-in`);
  if (change) await page.evaluate(change);
  await page.click("form[data-passkey=get] button");
  await Promise.race([page.waitForSelector("main .fault:visible"), page.waitForSelector(".who")]);
  return { inside: (await page.locator(".who").count()) === 1, failed: await page.locator("[data-passkey-failed]:visible").count() === 1 };
}

async function inspect(page, where) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  check(!wide, `${where}: nothing makes the page scroll sideways`);
  check(!(await page.textContent("body")).includes("⟦"), `${where}: every word is there`);
  await page.evaluate(axeSource);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  check(found.violations.length === 0, `${where}: axe finds nothing (${found.violations.map((one) => one.id).join(", ")})`);
}

try {
  for (const [login, options, what] of [["doctor", {}, "staff"], ["person-mx", { viewport: { width: 360, height: 740 } }, "a person"]]) {
    const { page, noise, device, context } = await open(options);
    await signIn(page, login);
    await add(page, login, "telephone");
    await page.waitForSelector(".news");
    check((await page.locator("main tbody tr").count()) === 1, `${what}: the passkey is in the list`);
    check((await device.keys()).length === 1 && (await device.keys())[0].isResidentCredential, `${what}: the device holds it`);
    await add(page, login, "once more");
    await page.waitForSelector("[data-passkey-failed]:visible");
    check((await device.keys()).length === 1, `${what}: a device is added once`);
    await signOut(page);
    const welcome = await enter(page);
    check(welcome.inside, `${what}: signs in with it, without login or password`);
    await page.goto(`${base}/account/passkeys`);
    const used = await page.locator("main tbody td").nth(1).textContent();
    check(/\d/.test(used), `${what}: the list says when it was used (${used})`);
    await page.screenshot({ path: join(folder, `passkeys-${login}.png`), fullPage: true });
    await signOut(page);

    await device.verified(false);
    const unknown = await enter(page);
    check(!unknown.inside && unknown.failed, `${what}: a device that does not know its holder opens nothing`);
    await device.verified(true);
    const elsewhere = await enter(page, () => { document.querySelector("form[data-passkey]").dataset.site = "evil.example"; });
    check(!elsewhere.inside && elsewhere.failed, `${what}: the browser asks for no other site`);
    const other = await enter(page, () => { const form = document.querySelector("form[data-passkey]"); form.dataset.question = "b3RoZXIgcXVlc3Rpb24"; });
    check(!other.inside && !other.failed, `${what}: the answer to another question is refused`);
    // What was sent once is sent again from a fresh page.
    await page.goto(`${base}/sign-in`);
    const [sent] = await Promise.all([page.waitForRequest((request) => request.url().endsWith("/sign-in/passkey")), page.click("form[data-passkey=get] button")]);
    await page.waitForSelector(".who");
    const old = Object.fromEntries(new URLSearchParams(sent.postData()));
    await signOut(page);
    for (const bound of [true, false]) {
      await page.goto(`${base}/sign-in`);
      await page.evaluate(([values, keeps]) => {
        const form = document.querySelector("form[data-passkey]");
        for (const [name, value] of Object.entries(values)) if (name !== "token" && (name !== "question" || keeps)) form.elements.namedItem(name).value = value;
        form.submit();
      }, [old, bound]);
      await page.waitForSelector("main .fault:visible");
      check((await page.locator(".who").count()) === 0, `${what}: an answer is good once`);
    }
    const [key] = await device.keys();
    check(key.signCount > 1, `${what}: the device counts`);
    await device.drop(key.credentialId);
    await device.take({ ...key, signCount: 0 });
    check(!(await enter(page)).inside, `${what}: a copy that counts from the beginning is refused`);
    await device.drop(key.credentialId);
    await device.take({ ...key, signCount: key.signCount + 1000 });
    check((await enter(page)).inside, `${what}: the true one counts on`);

    await page.goto(`${base}/account/passkeys`);
    await page.fill("#remove-current", signIns.get(login));
    await page.click("form:has(#which) button");
    await page.waitForSelector(".news");
    check((await page.locator("main tbody tr").count()) === 0, `${what}: it is taken off`);
    await signOut(page);
    check(!(await enter(page)).inside, `${what}: and opens nothing more`);
    check(noise.length === 0, `${what}: nothing is refused by the policy of the page (${noise.join(" | ")})`);
    await context.close();
  }

  // By its number this machine has no passkeys, and without script nothing of them is seen.
  const visit = await open();
  await visit.page.goto(`${number}/sign-in`);
  check(!(await visit.page.isVisible("form[data-passkey]")), "by number: no button");
  const bare = await open({ javaScriptEnabled: false });
  await bare.page.goto(`${base}/sign-in`);
  check(!(await bare.page.isVisible("form[data-passkey]")) && (await bare.page.isVisible("#password")), "without script: the password is enough");

  for (const language of ["es", "vi", "ru", "en"]) {
    for (const [shape, width] of [["desk", 1280], ["phone", 360]]) {
      const { page, context } = await open({ viewport: { width, height: 800 } });
      await page.goto(`${base}/sign-in`);
      await page.click(`button[name=language][value=${language}]`);
      await page.waitForLoadState();
      await inspect(page, `${language} ${shape} sign in`);
      await page.screenshot({ path: join(folder, `passkeys-${language}-${shape}-door.png`), fullPage: true });
      await signIn(page, "nurse");
      await add(page, "nurse", `${language} ${shape}`);
      await page.waitForSelector(".news");
      await inspect(page, `${language} ${shape} passkeys`);
      await page.screenshot({ path: join(folder, `passkeys-${language}-${shape}.png`), fullPage: true });
      await context.close();
    }
  }
} catch (error) {
  failed += 1;
  console.log(`FAILED  ${String(error?.message ?? error).split("\n").slice(0, 3).join(" ")}`);
}
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
