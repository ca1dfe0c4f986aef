// Every form of the packs, filled in with its sample as somebody fills it in: drawn at two widths, completed, and
// the same answers given to LHC-Forms, the forms of the National Library of Medicine, which must make the same
// QuestionnaireResponse.
//
//   CARNET_URL=http://127.0.0.1:8080 CARNET_SIGN_INS=…/sign-ins.txt CARNET_LFORMS=…/dist/lforms node forms.mjs
//
// CARNET_ONLY is a pattern: only the forms whose address fits it are tried. CHROMIUM names another browser,
// CARNET_SCREENSHOTS another folder. The exit code is 0 only if every check passed.
//
// Where the two may differ, and why:
//
// * Texts: LHC-Forms repeats the text of each question; ours stand in the Questionnaire of that version.
// * Displays of codes: ours is told in the reader's language.
// * Zones: LHC-Forms writes a time in the zone of the browser, ours in that of the site; the clock is compared.
// * What the record brings is not looked up by LHC-Forms here; it is given to it as if typed.
// * A calculated quantity has the unit of its question with us, and none there.
// * A calculated answer that comes from such expressions as LHC-Forms leaves out is compared only where both have one.
import { mkdirSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";

const base = (process.env.CARNET_URL ?? "http://127.0.0.1:8080").replace(/\/$/, "");
const folder = process.env.CARNET_SCREENSHOTS ?? join(import.meta.dirname, "screenshots");
const packs = join(import.meta.dirname, "../../crates/country/packs");
const only = process.env.CARNET_ONLY ?? "";
mkdirSync(folder, { recursive: true });
const signIns = new Map(readFileSync(process.env.CARNET_SIGN_INS, "utf8").split("\n").map((line) => line.trim().split(/\s+/)).filter((words) => words.length >= 3).map((words) => [words.at(-2), words.at(-1)]));

// Bytes of the page of a form as they travel, without what a browser keeps.
const PAGE_BYTES = 40 * 1024;
const widths = [1280, 360];

let passed = 0;
let failed = 0;
function check(ok, what) {
  if (ok) passed += 1;
  else { failed += 1; console.log(`FAILED  ${what}`); }
}

const authorization = `Basic ${Buffer.from(`system:${signIns.get("system")}`).toString("base64")}`;
async function fhir(path, body) {
  const answer = await fetch(`${base}/fhir/${path}`, { method: body ? "POST" : "GET", headers: { authorization, "content-type": "application/fhir+json" }, body: body && JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path.split("?")[0]}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

// The sheets with what their samples say.
const samples = ["mx", "ru", "vn"].flatMap((country) => {
  const forms = join(packs, country, "forms");
  return readdirSync(forms).filter((name) => name.endsWith(".form")).map((name) => {
    const sheet = readFileSync(join(forms, name), "utf8");
    const text = readFileSync(join(forms, name.replace(/form$/, "sample")), "utf8").split("\n");
    const [, url, version] = sheet.match(/^form (\S+) (\S+)/m);
    const [, language] = sheet.match(/^language (\S+)/m);
    const [, gender, birthDate] = text.map((line) => line.match(/^# person: (\S+) (\S+)/)).find(Boolean) ?? [0, "female", "1990-05-01"];
    const fields = text.filter((line) => line && !line.startsWith("#")).map((line) => [line.slice(0, line.indexOf(" ")), line.slice(line.indexOf(" ") + 1)]);
    return { url, version, language, country, gender, birthDate, fields, name: url.split("/").at(-1) };
  });
}).filter(({ url }) => new RegExp(only).test(url));
check(samples.length > 0, "there are forms");

const persons = new Map();
// What one country's forms leave in a record is nothing that those of another begin with.
for (const { country, gender, birthDate } of samples) {
  const key = `${country} ${gender} ${birthDate}`;
  if (!persons.has(key)) persons.set(key, (await fhir("Patient", { resourceType: "Patient", name: [{ family: "Prueba", given: ["Formas"] }], gender, birthDate })).id);
}

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
for (const event of ["uncaughtException", "unhandledRejection"]) {
  process.on(event, (error) => {
    console.log(`FAILED  ${String(error?.message ?? error).split("\n")[0]}`);
    console.log(`${passed} passed, ${failed + 1} failed`);
    process.exit(1);
  });
}
const context = await browser.newContext({ viewport: { width: widths[0], height: 900 }, timezoneId: "UTC", reducedMotion: "reduce" });
const page = await context.newPage();
const noise = [];
page.on("console", (message) => noise.push(message.text()));
page.on("pageerror", (error) => noise.push(error.message));

await page.goto(`${base}/sign-in`);
await page.fill("#login", "doctor");
await page.fill("#password", signIns.get("doctor"));
await page.click("main .button.first");
await page.waitForURL((url) => url.pathname !== "/sign-in");

// The list of forms stays usable: found by name, light, and nothing too wide.
{
  const person = persons.values().next().value;
  for (const language of ["es", "vi", "ru", "en"]) {
    await context.addCookies([{ name: "carnet_language", value: language, url: base }]);
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      await page.goto(`${base}/person/${person}/forms`);
      await page.evaluate(() => document.querySelectorAll("main details").forEach((one) => { one.open = true; }));
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      check(wide <= 0, `list ${language} ${width}: ${wide} px too wide`);
      await page.goto(`${base}/person/${person}/forms`);
      await page.screenshot({ path: join(folder, `forms-list-${language}-${width}.png`), fullPage: true });
    }
  }
  const bytes = await page.evaluate(() => performance.getEntriesByType("navigation")[0].transferSize);
  const time = await page.evaluate(() => { const [one] = performance.getEntriesByType("navigation"); return Math.round(one.responseEnd - one.requestStart); });
  console.log(`list of forms: ${bytes} bytes, ${time} ms`);
  check(bytes <= PAGE_BYTES, `list: ${bytes} bytes of ${PAGE_BYTES}`);
}

// Puts the sample into the fields that are there, and says which are not, and how many are not asked yet.
const fill = (fields) => page.evaluate((fields) => {
  const form = document.querySelector("form[data-form]");
  const byName = new Map();
  for (const [name, value] of fields) byName.set(name, [...(byName.get(name) ?? []), value]);
  const missing = [];
  let hidden = 0;
  for (const [name, values] of byName) {
    if (name.startsWith("r:")) continue;
    const inputs = [...form.querySelectorAll(`[name="${name}"]`)];
    if (!inputs.length) missing.push(name);
    hidden += inputs.filter((input) => input.matches(":disabled")).length;
    inputs.forEach((input, place) => {
      if (["radio", "checkbox"].includes(input.type)) input.checked = values.includes(input.value);
      else input.value = values[place] ?? "";
    });
  }
  return { missing, hidden };
}, fields);
const press = (act) => Promise.all([page.waitForNavigation({ waitUntil: "domcontentloaded", timeout: 10000 }), page.locator(`form[data-form] button[value="${act}"]:not(.unseen)`).click({ timeout: 5000 })]);

const begin = async (person, form, expected = /\/forms\/[^/]+$/) => {
  await page.goto(`${base}/person/${person}/forms`);
  const token = await page.getAttribute("main input[name=token]", "value");
  await Promise.all([page.waitForNavigation({ url: expected }), page.evaluate(([action, fields]) => {
    const form = Object.assign(document.createElement("form"), { method: "post", action });
    for (const [name, value] of fields) form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    document.body.append(form);
    form.submit();
  }, [`/person/${person}/forms`, [["token", token], ["form", form]]])]);
  return page.url().split("/").at(-1);
};

const oracle = await context.newPage();
await oracle.setContent("<!doctype html><title>LHC-Forms</title>");
for (const file of ["webcomponent/assets/lib/zone.min.js", "webcomponent/lhc-forms.js", "fhir/R4/lformsFHIR.min.js"]) await oracle.addScriptTag({ path: join(process.env.CARNET_LFORMS, file) });

const began = Date.now();
for (const sample of samples) {
  const { name, url, version, language } = sample;
  try {
    const questionnaire = (await fhir(`Questionnaire?url=${encodeURIComponent(url)}&version=${version}`)).entry?.[0]?.resource;
    if (!questionnaire) throw new Error("the form is not kept by the demonstration");
    await context.addCookies([{ name: "carnet_language", value: language, url: base }]);
    await page.setViewportSize({ width: widths[0], height: 900 });
    // An addendum is begun from a signed document (own.mjs does); alone it is refused, in words.
    if (questionnaire.extension?.some((one) => one.url.endsWith("/form-addendum"))) {
      await begin(persons.get(`${sample.country} ${sample.gender} ${sample.birthDate}`), questionnaire.id, /\/forms$/);
      check(await page.locator("main .fault").count() === 1, `${name}: an addendum is not begun alone`);
      // The console tells the status of that page.
      noise.length = 0;
      continue;
    }
    const response = await begin(persons.get(`${sample.country} ${sample.gender} ${sample.birthDate}`), questionnaire.id);
    const bytes = await page.evaluate(() => performance.getEntriesByType("navigation")[0].transferSize);
    check(bytes <= PAGE_BYTES, `${name}: ${bytes} bytes of ${PAGE_BYTES}`);
    for (const [field, count] of sample.fields.filter(([field]) => field.startsWith("r:"))) {
      for (let row = 1; row < Number(count); row += 1) await press(`add~${field.slice(2)}`);
    }
    // What an answer switches on is there after a save.
    for (let hidden = true; hidden; ) {
      const found = await fill(sample.fields);
      check(found.missing.length === 0, `${name}: fields are missing: ${found.missing}`);
      await press("save");
      hidden = found.hidden > 0 && (await fill(sample.fields)).hidden < found.hidden;
    }
    if (await page.locator("button[value=confirm]").count()) await press("confirm");
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      const facts = await page.evaluate(() => {
        const cut = [];
        for (const element of document.querySelectorAll("main *")) {
          const style = getComputedStyle(element);
          // A line to type in scrolls of its own.
          const hides = ["hidden", "clip"].includes(style.overflowX) && style.position !== "absolute" && !element.matches("input, select");
          if ((hides && element.scrollWidth > element.clientWidth + 1) || (element.matches("label, legend, .button") && element.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && element.checkVisibility())) cut.push(element.textContent.trim().slice(0, 40));
        }
        return { wide: document.documentElement.scrollWidth - document.documentElement.clientWidth, cut, unasked: [...document.querySelectorAll("main [hidden]")].filter((one) => one.checkVisibility()).length, missing: document.body.textContent.includes("⟦"), lang: document.documentElement.lang };
      });
      check(facts.lang === language && !facts.missing, `${name} ${width}: every word is there in ${language}`);
      check(facts.wide <= 0, `${name} ${width}: ${facts.wide} px too wide`);
      check(facts.unasked === 0, `${name} ${width}: ${facts.unasked} questions that are not asked are shown`);
      check(facts.cut.length === 0, `${name} ${width}: cut: ${facts.cut.slice(0, 3).join(" | ")}`);
      await page.screenshot({ path: join(folder, `form-${name}-${width}.jpg`), type: "jpeg", quality: 60, fullPage: true });
    }
    check(noise.length === 0, `${name}: the console is silent (${noise.slice(0, 3).join(" | ")})`);
    noise.length = 0;
    // What is completed by being signed stays a draft here, with the same answers; signing.mjs signs one.
    if (await page.locator("form[data-form] button[value=complete]:visible").count()) {
      await press("complete");
      const wrong = await page.locator("#wrong").count() ? await page.textContent("#wrong") : "";
      check(!(await page.locator("form[data-form]").count()), `${name}: it is completed (${wrong.trim().replace(/\s+/g, " ").slice(0, 300)})`);
      if (wrong) continue;
    }

    const ours = await fhir(`QuestionnaireResponse/${response}`);
    const theirs = await oracle.evaluate(enter, { questionnaire, fields: sample.fields, ours: flat(ours.item), patient: { resourceType: "Patient", gender: sample.gender, birthDate: sample.birthDate } });
    const differences = compare(questionnaire, flat(ours.item), flat(theirs.item));
    check(differences.length === 0, `${name}: LHC-Forms makes the same response:\n        ${differences.slice(0, 8).join("\n        ")}`);
  } catch (error) {
    check(false, `${name}: ${error.message.split("\n")[0]}`);
    noise.length = 0;
  }
}
console.log(`${samples.length} forms in ${Math.round((Date.now() - began) / 1000)} s`);

// Answers by their place: the rows and names of the groups above, the name, and each answer in order.
function flat(items = [], above = "", found = {}) {
  const rows = {};
  for (const item of items) {
    rows[item.linkId] = (rows[item.linkId] ?? -1) + 1;
    const place = `${above}${item.linkId}`;
    if (item.answer) found[place] = item.answer.map(({ item: _, ...answer }) => answer);
    if (!item.answer) flat(item.item, `${place}#${rows[item.linkId]}/`, found);
  }
  return found;
}

// One answer as both tell it.
function said(answer) {
  const [[kind, value] = ["nothing"]] = Object.entries(answer).filter(([name]) => name.startsWith("value"));
  if (kind === "valueCoding") return `code ${value.system ?? ""}|${value.code}`;
  if (kind === "valueQuantity") return `quantity ${Number(value.value)} ${value.code ?? value.unit ?? ""}`;
  if (kind === "valueDateTime") return `time ${value.slice(0, 16)}`;
  if (kind === "valueTime") return `time ${value.slice(0, 5)}`;
  if (["valueDecimal", "valueInteger"].includes(kind)) return `number ${Number(value)}`;
  return `${kind} ${value}`;
}

function compare(questionnaire, ours, theirs) {
  const calculated = new Set();
  (function look(items) {
    for (const item of items ?? []) {
      if (item.extension?.some(({ url }) => url.endsWith("sdc-questionnaire-calculatedExpression"))) calculated.add(item.linkId);
      look(item.item);
    }
  })(questionnaire.item);
  const differences = [];
  for (const place of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
    const [left, right] = [ours[place], theirs[place]].map((answers) => answers?.map(said).sort().join(", "));
    if (left === right) continue;
    // A calculated number has no unit there.
    if (calculated.has(place.split("/").at(-1)) && (!left || !right || right.trim() === left.split(" ").slice(0, 2).join(" "))) continue;
    differences.push(`${place}: ours ${left ?? "nothing"}, theirs ${right ?? "nothing"}`);
  }
  return differences;
}

// Runs where LHC-Forms is: gives it the answers and returns its response.
async function enter({ questionnaire, fields, ours, patient }) {
  /* global LForms */
  LForms.Util.setFHIRContext({ getFHIRVersion: async () => "4.0.1", request: async () => ({ resourceType: "Bundle", type: "searchset", entry: [] }), user: { read: async () => null }, patient: { read: async () => patient } }, { patient });
  const form = new LForms.LFormsData(LForms.Util.convertFHIRQuestionnaireToLForms(questionnaire, "R4"));
  try { await form.loadFHIRResources(false); } catch { /* Value sets of others are not there. */ }
  const named = (linkId) => form.itemList.filter((item) => item.linkId === linkId);
  const rows = {};
  for (const [name] of fields) {
    const [row, linkId] = name.slice(2).split(":");
    if (row) rows[linkId] = Math.max(rows[linkId] ?? 0, Number(row));
  }
  for (const [linkId, row] of Object.entries(rows)) {
    while (named(linkId).length <= row) {
      const [item] = named(linkId).slice(-1);
      form.addRepeatingItems(item._questionRepeatable ? item : item._parentItem);
    }
  }
  const values = new Map();
  for (const [name, value] of fields) values.set(name, [...(values.get(name) ?? []), value]);
  const put = (item, answers, given, unit) => {
    const number = (text) => Number(String(text).replace(",", "."));
    const one = (text) => {
      switch (item.dataType) {
        case "CODING": case "CNE": case "CWE": return given === "o" ? { text, _notOnList: true } : item.answers[Number(text.slice(1))];
        case "INT": case "REAL": return number(text);
        case "QTY": return number(text);
        case "BL": return text === "true";
        case "DT": return new Date(`${text}T00:00`);
        default: return text;
      }
    };
    const all = answers.map(one);
    if (item.dataType === "QTY" && item.units?.length) item.unit = item.units[unit ?? 0];
    item.value = item._multipleAnswers ? all : all[0];
  };
  for (const [name, answers] of values) {
    const [row, linkId] = name.slice(2).split(":");
    const item = named(linkId)[Number(row || 0)];
    if (!item || !"ao".includes(name[0])) continue;
    put(item, answers, name[0], values.get(`u${name.slice(1)}`)?.[0]);
  }
  // What the record brought, as if typed.
  for (const [place, answers] of Object.entries(ours)) {
    const linkId = place.split("/").at(-1);
    const [item] = named(linkId);
    const isBegun = item?._fhirExt && Object.keys(item._fhirExt).some((url) => url.endsWith("sdc-questionnaire-initialExpression"));
    if (!isBegun || (item.value !== undefined && item.value !== null && item.value !== "")) continue;
    const [value] = Object.entries(answers[0]).filter(([name]) => name.startsWith("value")).map(([, value]) => value);
    if (value?.code && item.answers) item.value = item.answers.find(({ code }) => code === value.code);
    else if (item.dataType === "QTY") { item.value = value.value; item.unit = item.units?.find(({ code }) => code === value.code); }
    else if (item.dataType === "DT") item.value = new Date(`${value}T00:00`);
    else if (typeof value !== "object") item.value = value;
  }
  // What is asked depends on what was answered, and what is calculated on both.
  for (let turn = 0; turn < 3; turn += 1) {
    await form._expressionProcessor.runCalculations(false, true);
    form._checkFormControls?.();
  }
  return LForms.Util.getFormFHIRData("QuestionnaireResponse", "R4", form);
}

await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
