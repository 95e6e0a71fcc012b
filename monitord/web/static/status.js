// Optional: keeps the page new without a reload, and shows times as the reader's clock does. The page is complete without it.
"use strict";
(() => {
  const EVERY = 30_000, LATE_AFTER = 90_000;
  const all = (what) => [...document.querySelectorAll(what)];
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const clock = { hour: "2-digit", minute: "2-digit", hour12: false, timeZoneName: "short" };
  const forms = {
    clock,
    seconds: { ...clock, second: "2-digit" },
    moment: { ...clock, day: "numeric", month: "short" },
    year: { ...clock, day: "numeric", month: "short", year: "numeric" },
  };
  const shown = new Map(); // what the server last said in each place, before we changed it
  let answered = performance.now(), ahead = 0; // when the server last answered; how far its clock is ahead of ours

  const said = (form) => new Intl.DateTimeFormat("en-GB", form);

  function range(each) { // a range of hours does not say its zone by itself
    const form = forms[each.dataset.form], start = new Date(each.dateTime), end = new Date(each.dataset.until);
    const short = said(form).formatToParts(end).find((part) => part.type === "timeZoneName").value;
    return `${said({ ...form, timeZoneName: undefined }).formatRange(start, end)} ${short}`;
  }

  function localise() {
    if (all("[data-zone]").some((each) => each.textContent === zone)) return; // the page's zone is theirs
    for (const each of all("time[data-form]")) {
      if (each.title) continue;
      each.title = each.textContent;
      each.textContent = each.dataset.until ? range(each) : said(forms[each.dataset.form]).format(new Date(each.dateTime));
    }
    if (zone) for (const each of all("[data-zone]")) each.textContent = `your time zone (${zone})`;
  }

  function ago(seconds) {
    if (seconds < 90) return `${seconds} s`;
    return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
  }

  function age() {
    for (const each of all("[data-age]")) {
      const passed = Date.now() + ahead - Date.parse(each.dataset.age);
      each.textContent = `, ${ago(Math.max(0, Math.round(passed / 1000)))} ago`;
    }
    if (performance.now() - answered >= LATE_AFTER) sayLate();
  }

  function sayLate() { // once; the next page that arrives takes it away
    for (const each of all("template[data-late]")) each.replaceWith(each.content);
    localise();
  }

  function take(html) {
    const fresh = new DOMParser().parseFromString(html, "text/html");
    const before = document.querySelector("h1")?.textContent;
    for (const each of all("[data-refresh]")) {
      const next = fresh.getElementById(each.id);
      if (!next || next.innerHTML === shown.get(each.id) || each.contains(document.activeElement)) continue;
      shown.set(each.id, next.innerHTML);
      each.replaceChildren(...next.childNodes);
    }
    const after = document.querySelector("h1")?.textContent, said = document.getElementById("said");
    if (said && after !== before) said.textContent = after;
    document.title = fresh.title;
  }

  async function refresh() {
    if (document.hidden || !shown.size) return;
    try {
      const answer = await fetch(location.pathname, { signal: AbortSignal.timeout(10_000) });
      if (answer.ok) {
        take(await answer.text());
        answered = performance.now();
        ahead = Date.parse(answer.headers.get("date")) - Date.now() || 0;
      }
    } catch { /* what is shown grows old, and says so */ }
    localise();
    age();
  }

  for (const each of all("[data-refresh]")) shown.set(each.id, each.innerHTML);
  localise();
  age();
  setInterval(age, 1000);
  setInterval(refresh, EVERY);
  document.addEventListener("visibilitychange", refresh);
})();
