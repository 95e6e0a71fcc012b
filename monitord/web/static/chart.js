// The picture of how long checks took, drawn by uPlot from what stands in the page; the table beside it says the same.
"use strict";
(() => {
  const place = document.getElementById("chart");
  if (!place || !window.uPlot) return;
  let drawn = null;
  let top = 1;
  let failed = [];

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const read = () => {
    const told = JSON.parse(document.getElementById(place.dataset.from).textContent);
    // Failures stand above everything that passed: how long they took (a time-out) would flatten the rest.
    top = Math.max(1, ...told.took.map((each) => each || 0)) * 1.15;
    failed = told.failed;
    return [told.at, told.took, failed.map((each) => (each == null ? null : top))];
  };
  const spoken = (milliseconds) =>
    milliseconds == null ? "–" : milliseconds >= 1000 ? `${+(milliseconds / 1000).toPrecision(3)} s` : `${+milliseconds.toPrecision(3)} ms`;
  const options = () => {
    const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: "13px system-ui, sans-serif" };
    return {
      width: place.clientWidth,
      height: 220,
      tzDate: (at) => uPlot.tzDate(new Date(at * 1e3), place.dataset.zone),
      fmtDate: (form) => uPlot.fmtDate(form.replaceAll("{h}:{mm}{aa}", "{HH}:{mm}").replaceAll("{h}{aa}", "{HH}:00").replaceAll("{M}/{D}/{YY}", "{D} {MMM}").replaceAll("{M}/{D}", "{D} {MMM}")),
      cursor: { drag: { setScale: false } },
      legend: { live: true },
      scales: { y: { range: () => [0, top * 1.06] } },
      axes: [axis, { ...axis, size: 64, values: (u, ticks) => ticks.map(spoken) }],
      series: [
        { label: "When", value: "{HH}:{mm}:{ss}" },
        { label: "Took", stroke: colour("--link"), width: 1.5, points: { show: false }, spanGaps: false, value: (u, v) => spoken(v) },
        { label: "Failed after", stroke: colour("--major_outage"), paths: () => null, points: { show: true, size: 7, fill: colour("--major_outage") }, value: (u, v, series, at) => spoken(at == null ? null : failed[at]) },
      ],
    };
  };
  const draw = () => {
    if (drawn) drawn.destroy();
    place.replaceChildren();
    drawn = new uPlot(options(), read(), place);
    place.setAttribute("role", "img");
    place.setAttribute("aria-label", place.nextElementSibling.textContent);
  };
  draw();
  document.addEventListener("htmx:oobAfterSwap", (event) => {
    if (event.detail.target && event.detail.target.id === "drawn") drawn.setData(read());
  });
  new ResizeObserver(() => drawn && drawn.setSize({ width: place.clientWidth, height: 220 })).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
