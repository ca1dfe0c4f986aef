// A program that others wrote the heart of, fhirclient, in a browser against a running Carnet: SMART
// standalone launch with PKCE, through our sign-in, the choice of a person and the question.
//
//   CARNET_URL      the server, as http://127.0.0.1:8080
//   CARNET_APP      where the program's pages are served, as http://localhost:9090 (another site)
//   CARNET_CLIENT   the identifier under which it is registered, for ASKED below
//   CARNET_LOGIN, CARNET_PASSWORD   who lets it in;   CARNET_FIND   finds a person with notes
//   CARNET_FHIRCLIENT   the file build/fhir-client.min.js of the package
//
// The exit code is 0 only if every check passed.
import { mkdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { chromium } from "playwright-core";

const { CARNET_URL: base, CARNET_APP: app, CARNET_CLIENT: clientId, CARNET_LOGIN: login, CARNET_PASSWORD: password, CARNET_FIND: find } = process.env;
const library = readFileSync(process.env.CARNET_FHIRCLIENT);
const folder = process.env.CARNET_SCREENSHOTS ?? join(import.meta.dirname, "screenshots");
mkdirSync(folder, { recursive: true });
export const ASKED = "openid fhirUser launch/patient patient/Patient.r patient/Observation.rs patient/Condition.rs";

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

// The program: it begins on one page and comes back to another, where it tries what it may and may not.
const launch = `FHIR.oauth2.authorize({ clientId: ${JSON.stringify(clientId)}, scope: ${JSON.stringify(ASKED)}, redirectUri: ${JSON.stringify(`${app}/back.html`)}, iss: ${JSON.stringify(`${base}/fhir`)}, pkceMode: "required" });`;
const back = `
const status = (act) => act.then((answer) => ({ status: 200, answer }), (cause) => ({ status: cause.status ?? cause.statusCode ?? 0, told: String(cause.message) }));
FHIR.oauth2.ready().then(async (client) => {
  const person = client.patient.id;
  const token = client.state.tokenResponse;
  const raw = (path, options = {}) => fetch(client.state.serverUrl + path, { ...options, headers: { Authorization: "Bearer " + token.access_token, ...options.headers } }).then(async (answer) => ({ status: answer.status, body: await answer.text() }));
  return {
    person,
    scope: token.scope,
    user: client.user.fhirUser,
    kept: { local: localStorage.length, cookie: document.cookie },
    read: await status(client.patient.read()),
    observations: await status(client.patient.request("Observation?_count=50")),
    conditions: await status(client.request("Condition?patient=" + person + "&_summary=count")),
    others: await status(client.request("Patient?_summary=count")),
    absent: await raw("/Patient/nobody-of-that-id"),
    written: await status(client.create({ resourceType: "Observation", status: "final", code: { text: "x" }, subject: { reference: "Patient/" + person } })),
    changed: await status(client.update({ resourceType: "Patient", id: person })),
    removed: await status(client.delete("Patient/" + person)),
    exported: await raw("/$export", { headers: { Prefer: "respond-async" } }),
    history: await raw("/_history"),
  };
}).then((found) => { window.found = found; }, (cause) => { window.found = { failure: String(cause.stack ?? cause) }; });`;
const pages = {
  "/launch.html": ["text/html", "<!doctype html><title>A program</title><script src=/fhir-client.js></script><script src=/launch.js></script>"],
  "/back.html": ["text/html", "<!doctype html><title>Back</title><script src=/fhir-client.js></script><script src=/back.js></script>"],
  "/fhir-client.js": ["text/javascript", library],
  "/launch.js": ["text/javascript", launch],
  "/back.js": ["text/javascript", back],
};
const server = createServer((request, response) => {
  const page = pages[new URL(request.url, app).pathname];
  response.writeHead(page ? 200 : 404, { "Content-Type": page?.[0] ?? "text/plain" });
  response.end(page?.[1] ?? "");
}).listen(Number(new URL(app).port), "127.0.0.1");

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"],
});
for (const event of ["uncaughtException", "unhandledRejection"]) {
  process.on(event, (error) => {
    console.log(`FAILED  ${String(error?.message ?? error).split("\n").slice(0, 3).join(" ")}`);
    console.log(`${passed} passed, ${failed + 1} failed`);
    process.exit(1);
  });
}

// From the program's first page to our question, with some wishes taken off.
async function letIn(context, takenOff) {
  const page = await context.newPage();
  const noise = [];
  page.on("console", (message) => { if (page.url().startsWith(base)) noise.push(message.text()); });
  await page.goto(`${app}/launch.html`);
  await page.waitForURL(/sign-in|authorize\/[^?]+$/);
  if (page.url().includes("/sign-in")) {
    await page.fill("input[name=login]", login);
    await page.fill("input[name=password]", password);
    await page.click("form.form button");
    await page.waitForURL(/\/authorize\//);
  }
  check(await page.locator("#q").isVisible(), "whose record it is about is chosen first");
  await page.fill("#q", find);
  await page.click("form[role=search] .button.first");
  if (takenOff.length) await page.screenshot({ path: join(folder, "smart-choose.png") });
  await page.locator("button[name=patient]").first().click();
  await page.waitForSelector("button[value=allow]");
  const wishes = await page.locator("fieldset li").allTextContents();
  for (const words of takenOff) await page.locator("fieldset li", { hasText: words }).locator("input").uncheck();
  if (takenOff.length) await page.screenshot({ path: join(folder, "smart-consent.png") });
  check(noise.length === 0, `our pages say nothing on the console (${noise.join(" | ")})`);
  return { page, wishes };
}

const context = await browser.newContext({ locale: "en-US", viewport: { width: 1366, height: 900 } });
const { page, wishes } = await letIn(context, [/Condition/]);
check(wishes.length === ASKED.split(" ").length, `each wish stands on a line of its own (${wishes.join(" | ")})`);
await page.click("button[value=allow]");
await page.waitForURL(`${app}/back.html*`);
await page.waitForFunction(() => window.found, undefined, { timeout: 30_000 });
const found = await page.evaluate(() => window.found);
check(!found.failure, `fhirclient gets its token: ${found.failure}`);
if (!found.failure) {
  const scopes = found.scope.split(" ");
  check(scopes.includes("patient/Observation.rs") && scopes.includes("patient/Patient.r"), `what was allowed is in the token (${found.scope})`);
  check(!scopes.some((scope) => scope.includes("Condition") || scope.includes("*") || /\.[a-z]*[cud]/.test(scope)), `nothing else is (${found.scope})`);
  check(/Practitioner\/[^/]+$/.test(found.user ?? ""), `who let it in is told (${found.user})`);
  check(found.read.status === 200 && found.read.answer.id === found.person, "the person is read");
  const observations = found.observations.answer?.entry ?? [];
  check(observations.length > 0 && observations.every(({ resource }) => resource.resourceType === "Observation" && resource.subject.reference.endsWith(`Patient/${found.person}`)), "observations are found, and nobody else's");
  check(found.conditions.status === 403 || found.conditions.answer?.total === 0, `what was taken off is not there (${JSON.stringify(found.conditions)})`);
  check(found.others.status === 403 || (found.others.answer?.total ?? 0) <= 1, "other people are not there");
  check(found.absent.status === 404 || found.absent.status === 403, "and are answered like nobody");
  for (const act of ["written", "changed", "removed"]) check(found[act].status === 403, `nothing is ${act} (${found[act].status} ${found[act].told ?? ""})`);
  check([401, 403, 404].includes(found.exported.status), `nothing is exported (${found.exported.status})`);
  check(!found.history.body.includes('"resourceType":"Condition"'), "the history of all tells no more");
  check(found.kept.local === 0, "the program keeps nothing beyond the tab");
  // The token is worth nothing in an address, and nothing at the pages.
  check((await context.request.get(`${base}/fhir/Patient/${found.person}?access_token=x`)).status() === 401, "an address opens nothing");
}

// Somebody says no.
const second = await letIn(context, []);
await second.page.click("button[value=deny]");
await second.page.waitForURL(`${app}/back.html*`);
const denied = new URL(second.page.url()).searchParams;
check(denied.get("error") === "access_denied" && !denied.get("code"), `a no is a no (${second.page.url().split("?")[1]})`);

// Another page cannot come back with somebody else's code, nor to another address.
const elsewhere = await context.newPage();
await elsewhere.goto(`${base}/authorize?response_type=code&client_id=${encodeURIComponent(clientId)}&redirect_uri=${encodeURIComponent(`${app}/other.html`)}&scope=patient/Patient.r&state=s&aud=${encodeURIComponent(`${base}/fhir`)}&code_challenge=${"x".repeat(43)}&code_challenge_method=S256`);
check(elsewhere.url().startsWith(base), "an address that is not registered is not gone to");

await browser.close();
server.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
