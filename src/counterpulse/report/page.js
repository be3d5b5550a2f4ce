// The page's colours, light and dark, and its plain plotly figures. Talks to no network.
"use strict";
const counterpulse = {
  repaint: [],
  colour: (role) => getComputedStyle(document.documentElement).getPropertyValue("--" + role).trim(),
  data: (element) => JSON.parse(document.getElementById(element.dataset.from).textContent),
  axis() {
    return { gridcolor: this.colour("rule"), zerolinecolor: this.colour("rule"), linecolor: this.colour("soft"), tickcolor: this.colour("soft"), automargin: true };
  },
  layout() {
    const ink = this.colour("ink");
    return {
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", font: { color: ink, size: 13, family: getComputedStyle(document.body).fontFamily },
      margin: { l: 62, r: 16, t: 30, b: 44 }, modebar: { bgcolor: "rgba(0,0,0,0)", color: this.colour("soft"), activecolor: this.colour("balloon") }, showlegend: true, legend: { orientation: "h", y: 1.08 }, hoverlabel: { font: { size: 12 } },
    };
  },
  config: { displaylogo: false, responsive: true, modeBarButtonsToRemove: ["lasso2d", "select2d", "autoScale2d"] },
};

counterpulse.theme = (name) => {
  document.documentElement.dataset.theme = name;
  counterpulse.repaint.forEach((paint) => paint());
};

counterpulse.figure = (element) => {
  const { traces, layout } = counterpulse.data(element);
  const paint = () => {
    const base = counterpulse.layout();
    const lines = traces.map((trace) => {
      const colour = counterpulse.colour(trace.meta);
      return { ...trace, line: { width: 2, ...trace.line, color: colour }, marker: { ...trace.marker, color: colour } };
    });
    const shapes = (layout.shapes || []).map((shape) => ({ ...shape, fillcolor: counterpulse.colour("good"), layer: "below" }));
    const frame = { ...base, ...layout, shapes, xaxis: { ...counterpulse.axis(), ...layout.xaxis }, yaxis: { ...counterpulse.axis(), ...layout.yaxis } };
    Plotly.react(element, lines, { ...frame, showlegend: lines.length > 1 }, counterpulse.config);
  };
  counterpulse.repaint.push(paint);
  paint();
};

(() => {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  document.documentElement.dataset.theme = new URLSearchParams(location.search).get("theme") || (dark.matches ? "dark" : "light");
  dark.addEventListener("change", () => counterpulse.theme(dark.matches ? "dark" : "light"));
  document.getElementById("theme").addEventListener("click", () => counterpulse.theme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
  document.querySelectorAll(".figure").forEach(counterpulse.figure);
})();
