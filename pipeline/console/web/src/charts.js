// Draws the tables of numbers over time as charts. The table stays, closed, for
// who reads numbers or has no scripts: a chart holds nothing that it does not.
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { number, numbersOf } from "./charts-numbers.js";
import { colours, dashes } from "./charts-style.js";

const charts = new Set();

function draw(figure) {
  const { times, lines } = numbersOf(figure.querySelector("table"));
  if (times.length < 2 || lines.length === 0) return; // one number needs no line
  const details = figure.querySelector("details");
  const plot = document.createElement("div");
  plot.className = "plot";
  plot.setAttribute("aria-hidden", "true"); // the table says it
  const moment = document.createElement("p");
  moment.className = "moment";
  const legend = document.createElement("ul");
  legend.className = "lines";
  details.before(plot, moment, legend);
  details.open = false;

  const chart = { figure, plot, moment, legend, times, lines, hidden: new Set() };
  charts.add(chart);
  build(chart);
  new ResizeObserver(() => chart.view.setSize(sizeOf(plot))).observe(plot);
}

function sizeOf(plot) {
  return { width: Math.max(200, plot.clientWidth), height: plot.clientHeight };
}

// build draws anew, as when the colours of the page change.
function build(chart) {
  const { figure, plot, times, lines } = chart;
  const style = colours();
  const decimals = Number(figure.dataset.decimals);
  const zone = figure.dataset.zone;
  const axis = { stroke: style.soft, grid: { stroke: style.line, width: 1 }, ticks: { stroke: style.line, width: 1 }, font: style.font };
  chart.view?.destroy();
  chart.view = new uPlot({
    ...sizeOf(plot),
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: { y: { range: (_, __, most) => [0, most > 0 ? most * 1.08 : 1] } },
    axes: [
      { ...axis, space: 90, size: 34, values: (_, splits) => splits.map((at) => shortTime(at, zone, figure.dataset.step)) },
      { ...axis, size: 60, values: (_, splits) => splits.map((value) => number(value, Number.isInteger(value) ? 0 : decimals || 1)), incrs: decimals ? undefined : [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6] },
    ],
    series: [{}, ...lines.map((line, i) => ({
      label: line.name, stroke: style.lines[i], width: 2, dash: dashes[i], points: { show: times.length <= 45, size: 5, fill: style.lines[i] }, show: !chart.hidden.has(i),
    }))],
    hooks: { setCursor: [(view) => tell(chart, view.cursor.idx, decimals)] },
  }, [times, ...lines.map((line) => line.values)], plot);
  buildLegend(chart, style);
}

function shortTime(seconds, zone, step) {
  const at = new Date(seconds * 1000);
  const options = step === "month" ? { month: "short", year: "numeric" } : { day: "numeric", month: "short" };
  if (step === "hour") Object.assign(options, { hour: "2-digit", minute: "2-digit" });
  return at.toLocaleString(document.documentElement.lang, { ...options, timeZone: zone });
}

// tell says the numbers of the time below the pointer, in the legend.
function tell(chart, index, decimals) {
  const heads = chart.figure.querySelectorAll("tbody th");
  chart.moment.textContent = index == null ? "" : heads[index]?.textContent ?? "";
  chart.legend.querySelectorAll("output").forEach((output, i) => {
    const value = index == null ? null : chart.lines[i].values[index];
    output.textContent = value == null ? "" : number(value, decimals);
  });
}

function buildLegend(chart, style) {
  chart.legend.replaceChildren(...chart.lines.map((line, i) => {
    const item = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-pressed", String(!chart.hidden.has(i)));
    const name = document.createElement("span");
    name.textContent = line.name;
    button.append(sample(style.lines[i], dashes[i]), name, document.createElement("output"));
    button.addEventListener("click", () => {
      const shown = chart.hidden.delete(i);
      if (!shown) chart.hidden.add(i);
      button.setAttribute("aria-pressed", String(shown));
      chart.view.setSeries(i + 1, { show: shown });
    });
    item.append(button);
    return item;
  }));
}

// sample is a piece of the line, as it is drawn.
function sample(colour, dash) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const line = document.createElementNS("http://www.w3.org/2000/svg", "line");
  svg.setAttribute("viewBox", "0 0 34 12");
  svg.setAttribute("aria-hidden", "true");
  for (const [name, value] of Object.entries({ x1: 0, x2: 34, y1: 6, y2: 6, stroke: colour, "stroke-width": 3, "stroke-dasharray": dash?.join(" ") ?? "" })) line.setAttribute(name, value);
  svg.append(line);
  return svg;
}

document.querySelectorAll("figure[data-chart]").forEach(draw);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => charts.forEach(build));
