// Bars over a table that is there anyway: `<div data-chart="ID">` draws the rows of the table ID, each with a <time> and a
// <data>. Touching a bar says what it is; clicking it goes where the row's link goes.
"use strict";

(() => {
  const DAY = 86400;
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const written = (seconds, wanted) =>
    new Date(seconds * 1000).toLocaleDateString(document.documentElement.lang, { timeZone: "UTC", ...wanted });

  function read(table) {
    return [...table.tBodies[0].rows].map((row) => ({
      at: Date.parse(row.querySelector("time").dateTime) / 1000,
      number: Number(row.querySelector("data").value),
      words: row.querySelector("time").textContent,
      link: row.querySelector("a"),
    }));
  }

  function axis(more) {
    return { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif", ...more };
  }

  function days(chart, splits, which, space, step) {
    if (step >= 360 * DAY) return splits.map((at) => written(at, { year: "numeric" }));
    if (step >= 27 * DAY) return splits.map((at) => written(at, { month: "short", year: "numeric" }));
    return splits.map((at) => written(at, { day: "numeric", month: "short" }));
  }

  function options(place, rows, caption) {
    const step = rows[1].at - rows[0].at;
    return {
      width: place.clientWidth, height: 170, legend: { show: false }, tzDate: (at) => uPlot.tzDate(new Date(at * 1000), "UTC"),
      padding: [8, 8, 0, 0], cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: { x: { time: true, range: [rows[0].at - step / 2, rows.at(-1).at + step / 2] }, y: { range: (chart, low, high) => [0, Math.max(high, 1) * 1.05] } },
      axes: [axis({ values: days, grid: { show: false }, space: 70, incrs: [1, 2, 7, 14, 30, 61, 91, 182, 365, 730, 1825].map((one) => one * DAY) }), axis({ size: 44, space: 40, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000] })],
      series: [{}, { fill: colour("--accent"), stroke: colour("--accent"), width: 0, paths: uPlot.paths.bars({ size: [0.8, 48] }), points: { show: false } }],
      hooks: { setCursor: [(chart) => { const row = rows[chart.cursor.idx]; caption.textContent = row ? `${row.words}: ${row.number.toLocaleString(document.documentElement.lang)}` : "\u00a0"; }] },
    };
  }

  function draw(place) {
    const table = document.getElementById(place.dataset.chart);
    const rows = table ? read(table) : [];
    if (rows.length < 2) return;
    const caption = document.createElement("p");
    caption.className = "caption";
    caption.textContent = "\u00a0";
    place.replaceChildren(caption);
    const chart = new uPlot(options(place, rows, caption), [rows.map((row) => row.at), rows.map((row) => row.number)], place);
    chart.over.addEventListener("click", () => rows[chart.cursor.idx]?.link?.click());
    new ResizeObserver(() => { if (place.clientWidth) chart.setSize({ width: place.clientWidth, height: 170 }); }).observe(place);
  }

  const all = (again) => {
    for (const place of document.querySelectorAll("[data-chart]")) if (again || !place.firstChild) draw(place);
  };
  document.addEventListener("DOMContentLoaded", () => all(false));
  document.addEventListener("htmx:after:swap", () => all(false));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => all(true));
})();
