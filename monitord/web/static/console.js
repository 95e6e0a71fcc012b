// The console, better with scripts than without: a screen that has changed is fetched again, and whoever is
// in the middle of something is not disturbed. Nothing here decides anything.
"use strict";
(() => {
  const pulse = document.getElementById("pulse");
  const say = (state, words) => {
    if (!pulse) return;
    pulse.dataset.state = state;
    pulse.querySelector(".says").textContent = words;
  };

  // A stream rests while nobody looks: browsers open few connections, and phones have batteries.
  class Resting extends EventTarget {
    constructor(url) {
      super();
      this.url = url;
      this.heard = new Map();
      this.onVisibility = () => (document.hidden ? this.rest() : this.wake(true));
      document.addEventListener("visibilitychange", this.onVisibility);
      if (!document.hidden) this.wake(false);
    }
    get readyState() {
      return this.source ? this.source.readyState : EventSource.CONNECTING;
    }
    wake(late) {
      if (this.source || this.closed) return;
      this.source = new EventSource(this.url);
      this.source.onopen = (event) => {
        say("on", "live");
        if (this.onopen) this.onopen(event);
        if (late) this.dispatch(new Event("changed"));
      };
      this.source.onerror = () => say("off", this.source && this.source.readyState === EventSource.CLOSED ? "still" : "not live");
      for (const name of this.heard.keys()) this.pass(name);
    }
    rest() {
      if (this.source) this.source.close();
      this.source = null;
    }
    pass(name) {
      this.source.addEventListener(name, (event) => this.dispatch(event));
    }
    dispatch(event) {
      for (const listener of [...(this.heard.get(event.type) || [])]) listener(event);
    }
    addEventListener(name, listener) {
      if (!this.heard.has(name)) {
        this.heard.set(name, new Set());
        if (this.source) this.pass(name);
      }
      this.heard.get(name).add(listener);
    }
    removeEventListener(name, listener) {
      (this.heard.get(name) || new Set()).delete(listener);
    }
    close() {
      this.closed = true;
      document.removeEventListener("visibilitychange", this.onVisibility);
      this.rest();
    }
  }
  if (window.htmx) htmx.createEventSource = (url) => new Resting(url);

  // What somebody has opened stays open, what they write in is left alone, what is the same is not touched.
  const busy = (region) => {
    if (!region.hasAttribute("data-keep")) return false;
    const fields = [...region.querySelectorAll("textarea, input:not([type=hidden]), select")];
    return region.querySelector("details[open]") !== null || fields.some((field) => field === document.activeElement);
  };
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const region = event.detail.target;
    const fresh = event.detail.fragment.firstElementChild;
    if (!region || !fresh) return;
    if (busy(region) || region.isEqualNode(fresh)) {
      event.detail.shouldSwap = false;
      return;
    }
    for (const open of region.querySelectorAll("details[id][open]")) {
      const same = fresh.querySelector(`details[id="${CSS.escape(open.id)}"]`);
      if (same) same.open = true;
    }
  });

  // The first line of the page, for whoever listens instead of looking.
  const heading = () => (document.querySelector("#headline h1, #ticket .standing") || {}).textContent || "";
  let last = heading();
  document.addEventListener("htmx:afterSettle", () => {
    const now = heading();
    if (now !== last) document.getElementById("heard").textContent = now.trim();
    last = now;
    const said = document.getElementById("said");
    if (said && !said.dataset.seen) {
      said.dataset.seen = "yes";
      said.focus({ preventScroll: true });
    }
  });

  // An address that is to be taken elsewhere; without a clipboard it is at least marked.
  const copy = async (button) => {
    const field = document.getElementById(button.dataset.copies);
    field.select();
    const done = navigator.clipboard ? await navigator.clipboard.writeText(field.value).then(() => true, () => false) : document.execCommand("copy");
    button.textContent = done ? "Copied" : "Marked";
  };
  const offer = () => document.querySelectorAll("[data-copies][hidden]").forEach((button) => (button.hidden = false));
  document.addEventListener("click", (event) => event.target.matches("[data-copies]") && copy(event.target));
  document.addEventListener("htmx:afterSettle", offer);
  offer();

  // A form that opens below the fold is led into view, and not under the bar where the thumb is.
  document.addEventListener("toggle", (event) => {
    if (event.target.open && event.target.matches(".act")) event.target.scrollIntoView({ block: "nearest" });
  }, true);

  // An answer without a screen in it leaves the screen as it is.
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.requestConfig.verb !== "post" || event.detail.serverResponse.includes('id="screen"')) return;
    event.detail.shouldSwap = false;
    say("off", "not done: try again");
  });

  // A lost answer is said where the finger is.
  document.addEventListener("htmx:sendError", (event) => {
    if (event.detail.requestConfig && event.detail.requestConfig.verb === "post") {
      say("off", "not sent: try again");
    }
  });
})();
