// Passkeys: asks us for a challenge, the device for an answer to it, and sends that in a form of the page. Nothing
// here decides anything; a page without this script has other ways in.
"use strict";
(() => {
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  const RENEWED = 240_000; // milliseconds; a challenge lasts a minute longer

  // Base64url, as the W3C has bytes in JSON.
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (each) => each.charCodeAt(0));
  const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

  const asked = (options) => {
    const known = (options.excludeCredentials || []).map((each) => ({ ...each, id: bytes(each.id) }));
    const made = { ...options, challenge: bytes(options.challenge) };
    return options.user ? { ...made, user: { ...options.user, id: bytes(options.user.id) }, excludeCredentials: known } : made;
  };
  const answered = (credential) => {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) response[name] = text(credential.response[name]);
    }
    return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response });
  };

  // What a browser calls what went wrong, and what people do about it.
  const WORDS = {
    NotAllowedError: "Nothing was chosen, or it took too long.",
    InvalidStateError: "This device has a passkey of yours already.",
    SecurityError: "This browser makes no passkeys for this address.",
    NotSupportedError: "This device cannot make passkeys that check who holds it.",
  };
  const SILENT = ["AbortError"]; // we have given it up ourselves

  class Ceremony {
    constructor(form) {
      this.form = form;
      this.verb = form.dataset.passkey; // what the browser calls it: create or get
      this.line = form.querySelector("[data-says]");
      form.addEventListener("submit", (event) => this.press(event));
      form.hidden = false;
    }
    say(words) {
      this.line.textContent = words;
    }
    async press(event) {
      event.preventDefault();
      if (location.origin !== this.form.dataset.origin) return this.say(`Passkeys work at ${this.form.dataset.origin}, and you are at ${location.origin}.`);
      this.rest();
      this.say("");
      await this.go({});
    }
    // What waits for a choice is given up: a browser does one of these at a time.
    rest() {
      clearTimeout(this.later);
      if (this.waiting) this.waiting.abort();
    }
    async go(how) {
      const waiting = (this.waiting = new AbortController());
      try {
        const options = await this.challenge();
        if (waiting.signal.aborted) return;
        const credential = await navigator.credentials[this.verb]({ ...how, publicKey: asked(options), signal: waiting.signal });
        this.form.elements.credential.value = answered(credential);
        if (this.form.elements.password) this.form.elements.password.value = "";
        this.form.submit();
      } catch (error) {
        if (!how.mediation && !SILENT.includes(error.name)) this.say(error.words || WORDS[error.name] || "That did not work. Please try again.");
      }
    }
    async challenge() {
      const reply = await fetch(this.form.dataset.challenge, { method: "POST", body: new URLSearchParams(new FormData(this.form)) });
      const said = (reply.headers.get("content-type") || "").startsWith("application/json") ? await reply.json() : {};
      if (said.publicKey) return said.publicKey;
      const words = said.error ? said.error.what : "This page is too old. Please load it again.";
      throw Object.assign(new Error(words), { words });
    }
    // The name's field offers passkeys by itself where browsers can do that, but not again after a wrong one; the
    // challenge is renewed in time.
    async offer() {
      if (!("offers" in this.form.dataset) || location.origin !== this.form.dataset.origin) return;
      const can = PublicKeyCredential.isConditionalMediationAvailable;
      if (!can || !(await can.call(PublicKeyCredential))) return;
      this.later = setTimeout(() => (this.rest(), this.offer()), RENEWED);
      await this.go({ mediation: "conditional" });
    }
  }

  for (const form of document.querySelectorAll("form[data-passkey]")) new Ceremony(form).offer();
})();
