// Waits until the demonstration serves, and prints words that find one of its people who has a note.
// The demonstration is made from a fixed seed, so it is always the same person.
import { readFileSync } from "node:fs";

const base = process.env.CARNET_URL;
const deadline = Date.now() + 60_000;
for (;;) {
  const alive = await fetch(`${base}/healthz`).then((answer) => answer.ok, () => false);
  if (alive) break;
  if (Date.now() > deadline) throw new Error("the demonstration did not start within a minute");
  await new Promise((resolve) => setTimeout(resolve, 200));
}

const signIns = readFileSync(process.env.CARNET_SIGN_INS, "utf8").split("\n").map((line) => line.trim().split(/\s+/));
const [, login, password] = signIns.find((words) => words[1] === "system");
const authorization = `Basic ${Buffer.from(`${login}:${password}`).toString("base64")}`;
const entry = [];
let next = `${base}/fhir/DocumentReference?_count=200&_include=DocumentReference:subject`;
while (next) {
  const answer = await fetch(next, { headers: { authorization } });
  if (!answer.ok) throw new Error(`no notes: ${answer.status} ${await answer.text()}`);
  const page = await answer.json();
  entry.push(...(page.entry ?? []));
  next = page.link.find((link) => link.relation === "next")?.url;
}

// Who has the most notes has the fullest chart.
const notes = new Map();
for (const { resource } of entry) {
  const whose = resource.subject?.reference?.replace("Patient/", "");
  if (whose) notes.set(whose, (notes.get(whose) ?? 0) + 1);
}
const [whose] = [...notes].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0] ?? [];
const person = entry.find(({ resource }) => resource.resourceType === "Patient" && resource.id === whose)?.resource;
if (!person) throw new Error("nobody has a note");
console.log(`${person.name[0].family} ${person.name[0].given[0]} ${person.birthDate}`);
