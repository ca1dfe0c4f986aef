// Passkeys: asks the browser's authenticator what a form says, and fills the form with the answer.
// What belongs to passkeys is hidden until this file has seen that they can be used here.
"use strict";
(() => {
  const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) => btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join("")).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

  const create = async ({ question, site, handle, login, display, known, algorithms }) => {
    const made = await navigator.credentials.create({ publicKey: {
      challenge: bytes(question),
      rp: { id: site, name: "Carnet" },
      user: { id: bytes(handle), name: login, displayName: display },
      pubKeyCredParams: algorithms.split(" ").map((number) => ({ type: "public-key", alg: Number(number) })),
      excludeCredentials: known.split(" ").filter(Boolean).map((id) => ({ type: "public-key", id: bytes(id) })),
      authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
      attestation: "none",
      timeout: 240000,
    } });
    return { client: text(made.response.clientDataJSON), attestation: text(made.response.attestationObject) };
  };

  const get = async ({ question, site }) => {
    const shown = await navigator.credentials.get({ publicKey: { challenge: bytes(question), rpId: site, userVerification: "required", timeout: 240000 } });
    const { clientDataJSON, authenticatorData, signature, userHandle } = shown.response;
    return { id: text(shown.rawId), client: text(clientDataJSON), authenticator: text(authenticatorData), signature: text(signature), handle: userHandle ? text(userHandle) : "" };
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const { site } = form.dataset;
    const isHere = location.hostname === site || location.hostname.endsWith(`.${site}`);
    if (!window.isSecureContext || window.PublicKeyCredential === undefined || !isHere) continue;
    for (const part of document.querySelectorAll("[data-passkey-part]")) part.hidden = false;
    for (const part of document.querySelectorAll("[data-passkey-elsewhere]")) part.hidden = true;
    const failed = form.querySelector("[data-passkey-failed]");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      failed.hidden = true;
      try {
        const answer = await (form.dataset.passkey === "create" ? create : get)(form.dataset);
        for (const [name, value] of Object.entries(answer)) form.elements.namedItem(name).value = value;
        form.submit();
      } catch {
        failed.hidden = false;
      }
    });
  }
})();
