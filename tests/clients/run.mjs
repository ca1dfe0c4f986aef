// FHIR clients that others wrote, against a running Carnet: what their users do with them.
//
//   CARNET_URL   the server, as http://127.0.0.1:8080
//   CARNET_SIGN_INS   the file of sign-ins that `carnet demo` writes
//
// Each check is a sentence; one that fails says why, and the others go on.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { MedplumClient } from "@medplum/core";
import { Client } from "fhir-kit-client";

const base = `${process.env.CARNET_URL}/fhir`;
const signIns = readFileSync(process.env.CARNET_SIGN_INS, "utf8").split("\n").map((line) => line.trim().split(/\s+/));
const [, login, password] = signIns.find((words) => words[1] === "system");
const authorization = `Basic ${Buffer.from(`${login}:${password}`).toString("base64")}`;
// A name that no other run has.
const family = `Clientson${process.pid}`;
let passed = 0;
let failed = 0;

async function check(sentence, act) {
  try {
    await act();
    passed += 1;
    console.log(`ok      ${sentence}`);
  } catch (cause) {
    failed += 1;
    console.log(`FAILED  ${sentence}: ${cause.message}\n        ${JSON.stringify(cause.response?.data ?? cause.outcome ?? "")}`);
  }
}

const ids = (bundle) => (bundle.entry ?? []).map(({ resource }) => resource.id);
const patient = (given) => ({ resourceType: "Patient", name: [{ family, given: [given] }], birthDate: "1980-02-03" });
const observation = (id, code) => ({
  resourceType: "Observation",
  status: "final",
  code: { coding: [{ system: "http://loinc.org", code }] },
  subject: { reference: `Patient/${id}` },
  effectiveDateTime: "2026-01-02",
  valueQuantity: { value: 5.4, unit: "mg", system: "http://unitsofmeasure.org", code: "mg" },
});

// fhir-kit-client
const kit = new Client({ baseUrl: base, customHeaders: { Authorization: authorization } });
let one;
await check("fhir-kit: the statement says R4", async () => assert.equal((await kit.capabilityStatement()).fhirVersion, "4.0.1"));
await check("fhir-kit: what is created is read", async () => {
  one = await kit.create({ resourceType: "Patient", body: patient("Ada") });
  assert.equal((await kit.read({ resourceType: "Patient", id: one.id })).name[0].family, family);
});
await check("fhir-kit: an update is a new version, and the old one stays", async () => {
  const now = await kit.update({ resourceType: "Patient", id: one.id, body: { ...patient("Ada"), id: one.id, gender: "female" } });
  assert.equal(now.meta.versionId, "2");
  assert.equal((await kit.vread({ resourceType: "Patient", id: one.id, version: "1" })).gender, undefined);
});
await check("fhir-kit: a patch changes one thing", async () => {
  const now = await kit.patch({ resourceType: "Patient", id: one.id, jsonPatch: [{ op: "replace", path: "/gender", value: "other" }] });
  assert.equal(now.gender, "other");
});
await check("fhir-kit: a history has every version", async () => {
  const history = await kit.history({ resourceType: "Patient", id: one.id });
  assert.equal(history.entry.length, 3);
});
await check("fhir-kit: a transaction is one act", async () => {
  const entry = ["8480-6", "718-7", "4548-4"].map((code) => ({ resource: observation(one.id, code), request: { method: "POST", url: "Observation" } }));
  const answer = await kit.transaction({ body: { resourceType: "Bundle", type: "transaction", entry } });
  assert.deepEqual(answer.entry.map(({ response }) => response.status.slice(0, 3)), ["201", "201", "201"]);
});
await check("fhir-kit: a search goes on page by page", async () => {
  let page = await kit.search({ resourceType: "Observation", searchParams: { patient: one.id, _count: 1 } });
  const seen = [];
  while (page) {
    seen.push(...ids(page));
    page = page.link.some(({ relation }) => relation === "next") ? await kit.nextPage({ bundle: page }) : undefined;
  }
  assert.equal(new Set(seen).size, 3);
});
await check("fhir-kit: chains, _has, includes and units", async () => {
  const found = async (resourceType, searchParams) => ids(await kit.search({ resourceType, searchParams }));
  assert.equal((await found("Observation", { "patient.family": family, code: "718-7" })).length, 1);
  assert.deepEqual(await found("Patient", { "_has:Observation:patient:code": "4548-4", family }), [one.id]);
  assert.equal((await found("Patient", { _id: one.id, _revinclude: "Observation:patient" })).length, 4);
  assert.equal((await found("Observation", { patient: one.id, "value-quantity": "0.0054|http://unitsofmeasure.org|g" })).length, 3);
});
await check("fhir-kit: a search in a compartment", async () => {
  const found = await kit.compartmentSearch({ resourceType: "Observation", compartment: { resourceType: "Patient", id: one.id }, searchParams: { code: "8480-6" } });
  assert.equal(found.entry.length, 1);
});
await check("fhir-kit: operations answer", async () => {
  const judged = await kit.operation({ name: "validate", resourceType: "Patient", input: { resourceType: "Patient", birthDate: "1980-02-31" } });
  assert.ok(judged.issue.some(({ severity }) => severity === "error"));
  const codes = await kit.operation({ name: "expand", resourceType: "ValueSet", method: "GET", input: { url: "http://hl7.org/fhir/ValueSet/administrative-gender", filter: "fem" } });
  assert.deepEqual(codes.expansion.contains.map(({ code }) => code), ["female"]);
  const whole = await kit.operation({ name: "everything", resourceType: "Patient", id: one.id, method: "GET" });
  assert.ok(whole.entry.length >= 4);
  const summary = await kit.operation({ name: "summary", resourceType: "Patient", id: one.id, method: "GET" });
  assert.equal(summary.type, "document");
});
await check("fhir-kit: a refusal is understood", async () => {
  await assert.rejects(kit.search({ resourceType: "Patient", searchParams: { nonsense: "1" } }), ({ response }) => response.status === 400 && response.data.issue[0].code === "not-supported");
  await assert.rejects(kit.read({ resourceType: "Patient", id: "nobody-of-that-id" }), ({ response }) => response.status === 404);
});
await check("fhir-kit: what is deleted is gone", async () => {
  const [gone] = ids(await kit.search({ resourceType: "Observation", searchParams: { patient: one.id, code: "718-7" } }));
  await kit.delete({ resourceType: "Observation", id: gone });
  await assert.rejects(kit.read({ resourceType: "Observation", id: gone }), ({ response }) => response.status === 410);
});

// @medplum/core
const withSignIn = (url, options = {}) => fetch(url, { ...options, headers: { ...options.headers, Authorization: authorization } });
const medplum = new MedplumClient({ baseUrl: `${process.env.CARNET_URL}/`, fhirUrlPath: "fhir/", fetch: withSignIn, cacheTime: 0 });
let two;
await check("medplum: what is created is read and updated", async () => {
  two = await medplum.createResource(patient("Bea"));
  assert.equal((await medplum.readResource("Patient", two.id)).name[0].given[0], "Bea");
  two = await medplum.updateResource({ ...two, active: true });
  assert.equal(two.meta.versionId, "2");
});
await check("medplum: resources are searched", async () => {
  assert.equal((await medplum.searchResources("Patient", { family })).length, 2);
  assert.equal((await medplum.searchOne("Patient", { family, given: "Bea" })).id, two.id);
  assert.equal((await medplum.search("Patient", { family, _summary: "count" })).total, 2);
});
await check("medplum: pages of resources follow each other", async () => {
  const seen = [];
  for await (const page of medplum.searchResourcePages("Patient", { family, _count: "1" })) seen.push(...page.map(({ id }) => id));
  assert.equal(new Set(seen).size, 2);
});
await check("medplum: a batch has its answers", async () => {
  const answer = await medplum.executeBatch({ resourceType: "Bundle", type: "batch", entry: [{ request: { method: "GET", url: `Patient/${two.id}` } }, { request: { method: "GET", url: "Patient/nobody-of-that-id" } }] });
  assert.deepEqual(answer.entry.map(({ response }) => response.status.slice(0, 3)), ["200", "404"]);
});
await check("medplum: a history, a patch, a conditional create", async () => {
  assert.equal((await medplum.readHistory("Patient", two.id)).entry.length, 2);
  assert.equal((await medplum.patchResource("Patient", two.id, [{ op: "add", path: "/gender", value: "female" }])).gender, "female");
  const again = await medplum.createResourceIfNoneExist(patient("Bea"), `family=${family}&given=Bea`);
  assert.equal(again.id, two.id);
});
await check("medplum: codes are expanded and GraphQL is answered", async () => {
  const set = await medplum.valueSetExpand({ url: "http://hl7.org/fhir/ValueSet/administrative-gender", filter: "mal" });
  assert.ok(set.expansion.contains.some(({ code }) => code === "male"));
  const answer = await medplum.graphql(`{ Patient(id: "${two.id}") { id gender } }`);
  assert.equal(answer.data.Patient.gender, "female");
});
await check("medplum: a refusal is understood and what is deleted is gone", async () => {
  await assert.rejects(medplum.readResource("Patient", "nobody-of-that-id"));
  await assert.rejects(medplum.search("Patient", { nonsense: "1" }), ({ outcome }) => outcome.issue[0].code === "not-supported");
  await medplum.deleteResource("Patient", two.id);
  await assert.rejects(medplum.readResource("Patient", two.id, { cache: "reload" }));
});

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
