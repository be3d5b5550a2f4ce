// Long recordings in a window that can be moved: only what the screen can show is handed to plotly (smallest and largest of each column of pixels).
"use strict";
counterpulse.unpack = (line) => {
  const raw = atob(line.data), bytes = new Uint8Array(raw.length);
  for (let k = 0; k < raw.length; k++) bytes[k] = raw.charCodeAt(k);
  line.whole = new Int16Array(bytes.buffer);
  delete line.data;
  return line;
};

counterpulse.at = (line, k) => (k < 0 || k >= line.n || line.whole[k] === -32768 ? null : line.offset + line.scale * line.whole[k]);

counterpulse.slice = (line, from, to, columns) => {
  const first = Math.max(0, Math.floor((from - line.start) * line.fs)), last = Math.min(line.n, Math.ceil((to - line.start) * line.fs) + 1);
  const step = Math.max(1, Math.floor((last - first) / columns)), x = [], y = [];
  for (let k = first; k < last; k += step) {
    if (step === 1) { x.push(line.start + k / line.fs); y.push(counterpulse.at(line, k)); continue; }
    let low = -1, high = -1;
    for (let j = k; j < Math.min(last, k + step); j++) {
      if (line.whole[j] === -32768) continue;
      if (low < 0 || line.whole[j] < line.whole[low]) low = j;
      if (high < 0 || line.whole[j] > line.whole[high]) high = j;
    }
    const pair = low < 0 ? [k] : low < high ? [low, high] : [high, low];
    pair.forEach((j) => { x.push(line.start + j / line.fs); y.push(counterpulse.at(line, j)); });
  }
  return { x, y };
};

counterpulse.waves = (element) => {
  const data = counterpulse.data(element), plot = element.querySelector(".plot"), canvas = element.querySelector(".overview"), bar = element.querySelector(".bar");
  data.panels.forEach((panel) => panel.lines.forEach(counterpulse.unpack));
  const lines = data.panels.flatMap((panel) => panel.lines);
  const begin = Math.min(...lines.map((line) => line.start)), end = Math.max(...lines.map((line) => line.start + line.n / line.fs));
  let from = Math.min(Math.max(begin, data.from), Math.max(begin, end - data.window)), span = Math.min(data.window, end - begin), queued = false;

  const traces = () => {
    const to = from + span, columns = Math.max(400, plot.clientWidth), out = [], colour = counterpulse.colour;
    const near = data.inflated.filter((pair) => pair[1] > from && pair[0] < to);
    data.panels.forEach((panel, p) => {
      const axes = { xaxis: "x", yaxis: p ? "y" + (p + 1) : "y" }, marked = panel.lines.some((line) => line.marked);
      if (marked && near.length && near.length < 400) {
        const x = [], y = [], [low, high] = panel.range;
        near.forEach(([a, b]) => { x.push(a, a, b, b, a, null); y.push(low, high, high, low, low, null); });
        out.push({ ...axes, x, y, type: "scatter", mode: "lines", fill: "toself", fillcolor: colour("band"), line: { width: 0 }, hoverinfo: "skip", name: "inflated" });
      }
      panel.lines.forEach((line) => {
        out.push({ ...axes, ...counterpulse.slice(line, from, to, columns), type: "scatter", mode: "lines", connectgaps: false, name: line.name,
          line: { width: 1.4, color: colour(line.role) }, hovertemplate: "%{y:.3g} " + panel.unit });
        if (line.marked && near.length && near.length < 80) {
          const x = [], y = [];
          near.forEach(([a, b]) => { const part = counterpulse.slice(line, Math.max(a, from), Math.min(b, to), columns); x.push(...part.x, null); y.push(...part.y, null); });
          out.push({ ...axes, x, y, type: "scatter", mode: "lines", connectgaps: false, name: "balloon inflated", line: { width: 2.4, color: colour("balloon") }, hoverinfo: "skip" });
        }
      });
      panel.dots.forEach((dots) => {
        const t = dots.t.filter((one) => one >= from && one <= to), first = panel.lines[0], [low, high] = panel.range;
        if (t.length > 600) return;
        const y = t.map((one) => { const value = dots.at === null ? counterpulse.at(first, Math.round((one - first.start) * first.fs)) : low + dots.at * (high - low); return value === null ? low : value; });
        out.push({ ...axes, x: t, y, type: "scatter", mode: "markers", name: dots.name, marker: { symbol: dots.symbol, size: 9, color: colour(dots.role), line: { width: 1.4, color: colour(dots.role) } },
          hovertemplate: dots.name + " %{x:.3f} s<extra></extra>" });
      });
    });
    const seen = new Set();
    out.forEach((trace) => { trace.legendgroup = trace.name; trace.showlegend = !seen.has(trace.name); seen.add(trace.name); });
    return out;
  };

  const layout = () => {
    const total = data.panels.reduce((sum, panel) => sum + panel.share, 0), tall = 150 + 190 * total + 12 * data.panels.length;
    const gap = 30 / tall, frame = { ...counterpulse.layout(), height: tall, hovermode: "x", dragmode: "pan", annotations: [] };
    let top = 1;
    data.panels.forEach((panel, p) => {
      const height = (panel.share / total) * (1 - gap * (data.panels.length - 1));
      frame[p ? "yaxis" + (p + 1) : "yaxis"] = { ...counterpulse.axis(), domain: [Math.max(0, top - height), top], range: panel.range, fixedrange: true, nticks: panel.share < 0.7 ? 4 : 7 };
      frame.annotations.push({ text: panel.title + (panel.unit ? ", " + panel.unit : ""), x: 0, xref: "paper", xanchor: "left", y: top, yref: "paper", yanchor: "bottom", showarrow: false, font: { size: 13 } });
      top -= height + gap;
    });
    const last = data.panels.length > 1 ? "y" + data.panels.length : "y";
    frame.xaxis = { ...counterpulse.axis(), range: [from, from + span], anchor: last, title: { text: "time, s" }, zeroline: false };
    frame.legend = { orientation: "h", y: 1 + 24 / tall, yanchor: "bottom", font: { size: 12 } };
    frame.margin.t = 84;
    return frame;
  };

  const overview = () => {
    const wide = (canvas.width = canvas.clientWidth * devicePixelRatio), high = (canvas.height = 56 * devicePixelRatio), pen = canvas.getContext("2d");
    const line = (data.panels.find((panel) => panel.lines.some((one) => one.marked)) || data.panels[data.panels.length - 1]).lines[0], range = [1e9, -1e9];
    const { x, y } = counterpulse.slice(line, begin, end, wide), place = (t) => ((t - begin) / (end - begin)) * wide;
    data.panels.forEach((panel) => { if (panel.lines.includes(line)) range.splice(0, 2, ...panel.range); });
    pen.clearRect(0, 0, wide, high);
    pen.fillStyle = counterpulse.colour("band");
    data.inflated.forEach(([a, b]) => pen.fillRect(place(a), 0, Math.max(0.3, place(b) - place(a)), high));
    pen.strokeStyle = counterpulse.colour("soft");
    pen.beginPath();
    x.forEach((t, k) => { if (y[k] !== null) { const h = high - ((y[k] - range[0]) / (range[1] - range[0])) * high; k && y[k - 1] !== null ? pen.lineTo(place(t), h) : pen.moveTo(place(t), h); } });
    pen.stroke();
    pen.strokeStyle = counterpulse.colour("balloon");
    pen.lineWidth = 2 * devicePixelRatio;
    pen.strokeRect(place(from), 1, Math.max(3, place(from + span) - place(from)), high - 2);
  };

  const where = document.createElement("span");
  where.className = "where";
  const draw = () => {
    queued = false;
    span = Math.min(Math.max(span, 0.5), end - begin);
    from = Math.min(Math.max(begin, from), Math.max(begin, end - span));
    where.textContent = `${from.toFixed(2)} to ${(from + span).toFixed(2)} s of ${end.toFixed(1)} s`;
    Plotly.react(plot, traces(), layout(), { ...counterpulse.config, scrollZoom: true, displayModeBar: false });
    overview();
  };
  const later = () => { if (!queued) { queued = true; requestAnimationFrame(draw); } };
  const go = (start, length) => { span = length; from = start; later(); };

  const button = (text, title, act) => {
    const one = document.createElement("button");
    Object.assign(one, { type: "button", textContent: text, title });
    one.addEventListener("click", act);
    bar.append(one);
  };
  button("←", "back (arrow left)", () => go(from - 0.8 * span, span));
  button("→", "on (arrow right)", () => go(from + 0.8 * span, span));
  [[3, "3 s"], [10, "10 s"], [30, "30 s"], [120, "2 min"]].filter(([length]) => length < end - begin).forEach(([length, text]) => button(text, "show " + text, () => go(from + span / 2 - length / 2, length)));
  button("all", "show all", () => go(begin, end - begin));
  bar.append(where);

  draw();
  counterpulse.repaint.push(draw);
  plot.on("plotly_relayout", (event) => {
    const low = event["xaxis.range[0]"] ?? (event["xaxis.range"] || [])[0], high = event["xaxis.range[1]"] ?? (event["xaxis.range"] || [])[1];
    if (low !== undefined && (Math.abs(low - from) > 1e-6 || Math.abs(high - from - span) > 1e-6)) go(+low, +high - +low);
    if (event["xaxis.autorange"]) go(begin, end - begin);
  });
  const drag = (event) => { if (event.buttons) go(begin + (event.offsetX / canvas.clientWidth) * (end - begin) - span / 2, span); };
  canvas.addEventListener("pointerdown", (event) => { canvas.setPointerCapture(event.pointerId); drag(event); });
  canvas.addEventListener("pointermove", drag);
  canvas.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: [-0.5, 1], ArrowRight: [0.5, 1], "+": [0.25, 0.5], "-": [-0.5, 2] }[event.key];
    if (moves) { event.preventDefault(); go(from + moves[0] * span, span * moves[1]); }
  });
  addEventListener("resize", later);
  document.querySelectorAll(".jump").forEach((one) => one.addEventListener("click", () => { go(+one.dataset.at - Math.min(2, span / 2), Math.min(span, 10)); element.scrollIntoView({ behavior: "smooth", block: "center" }); }));
};

document.querySelectorAll(".waves").forEach(counterpulse.waves);
