// One page of the console: monitor alone, with the pump's and patient's panels, or the instructor's. Joins the parts; each knows its own business.
import { $, make, write } from "./element.js";
import { Alarms, clock } from "./alarms.js";
import { Calipers } from "./calipers.js";
import { Controls, announce } from "./controls.js";
import { Keys } from "./keys.js";
import { Lesson } from "./lesson.js";
import { Link } from "./link.js";
import { Monitor, SPEEDS_mm_s } from "./monitor.js";
import { Numerics } from "./numerics.js";
import { Physiology } from "./physiology.js";
import { KEY, PumpPanel, traces } from "./pump_panel.js";
import { Sheet } from "./sheet.js";
import { Tabs } from "./tabs.js";

const steering = document.body.dataset.page !== "monitor";
const id = decodeURIComponent(location.pathname.split("/").filter(Boolean).pop()), key = new URLSearchParams(location.hash.slice(1)).get("key") || "";
const link = new Link(id, key), monitor = new Monitor($("#strips")), alarms = new Alarms(link), numerics = new Numerics($("#numerics"), $("#measured tbody"));
const calipers = new Calipers(monitor, $("#calipers")), say = (text, bad = false) => { const toast = $("#toast"); toast.dataset.bad = String(bad); toast.hidden = false; announce(toast, text); clearTimeout(say.timer); say.timer = setTimeout(() => { toast.hidden = true; }, bad ? 8000 : 4000); };
const sheet = new Sheet({ monitor, id, key, say, title: () => $("#title").textContent });
const controls = new Controls((field, value) => {
  if (!link.send({ type: "set", field: field.field, value, ...(field.place >= 0 ? { place: field.place } : {}) })) say("Not sent: the connection is lost. Set it again once it is back.", true);
});
const panels = steering ? new PumpPanel(link, controls) : null, physiology = steering ? new Physiology(link, monitor) : null;
const tabs = steering ? new Tabs($("#tabs"), (name) => physiology.watch(name === "physiology")) : null, lesson = steering ? new Lesson(link, tabs) : null;
controls.changed = () => panels?.undoable();

function hello(message) {
  write($("#title"), message.title || message.console || "Console");
  $("#title").title = message.title || "";
  document.title = `${message.title || "Console"} · counterpulse`;
  const before = monitor.channels;
  monitor.hello(message);
  if (monitor.channels !== before) {
    traces(monitor, $("#traces"));
    monitor.source = monitor.lead = undefined;
    if (physiology) physiology.errors.length = 0;
  }
  document.body.dataset.mode = message.recording ? "recording" : "patient";
  alarms.known.clear();
  monitor.recording = Boolean(message.recording);
  if (panels) panels.recording = monitor.recording;
  if (message.recording) recorded(message.recording);
  if (!steering) return;
  $("[data-tab=physiology]").hidden = monitor.index.true_lv === undefined;
  controls.fields(message.fields || []);
  panels.build();
  panels.undoable();
  lesson.show(message.lesson);
  if (!tabs.name) tabs.show(message.lesson ? "lesson" : "pump");
  physiology.again();
  paced(message);
}

// A recording has what it has: a trace without a sample is left out, and what was assumed of it is told.
function recorded({ sentences = [] }) {
  const log = $("#log");
  if (log && !log.children.length) log.append(...sentences.map((text) => make("li", {}, make("time", { text: "–" }), make("span", { text }))));
  setTimeout(() => {
    for (const strip of monitor.shown) if (monitor.ring.extremes(strip.index, monitor.ring.first, monitor.ring.next)[0] === Infinity) monitor.hidden.add(strip.channel.id);
    monitor.show();
    traces(monitor, $("#traces"));
  }, 3000);
}

// The monitor shows the lead and the pressure that the pump goes by, whoever chose them; others can be added by hand.
function source(pump) {
  if (!pump) return;
  const lines = monitor.strips.filter((one) => one.channel.raw.group === "pressure" && one.channel.role === "pressure"), leads = monitor.strips.filter((one) => one.channel.role === "ecg");
  show(lines, lines.find((one) => one.channel.id === `art_${pump.source}`), "source");
  show(leads, leads.find((one) => one.channel.label.endsWith(` ${pump.lead}`)), "lead");
  const words = [`trigger ${pump.trigger.replace("ecg", "ECG")}`, `lead ${pump.lead}`, `pressure ${pump.source}${pump.delay_ms ? ` (reads ${pump.delay_ms} ms behind the aortic root)` : ""}`, `ratio 1:${pump.ratio}`, `deflation ${pump.deflation}`, pump.irregular ? "rhythm irregular" : ""];
  write($("#pump-goes"), `Goes by: ${words.filter(Boolean).join(", ")}.`);
}

function show(all, chosen, what) {
  if (!chosen || monitor[what] === chosen.channel.id) return;
  if (monitor[what]) monitor.hidden.add(monitor[what]);
  else all.forEach((one) => monitor.hidden.add(one.channel.id));
  monitor[what] = chosen.channel.id;
  monitor.hidden.delete(chosen.channel.id);
  monitor.show();
  traces(monitor, $("#traces"));
}

function paced({ paused, speed }) {
  monitor.pace(speed || 1);
  document.body.classList.toggle("paused", Boolean(paused));
  write($("#pause"), paused ? "Go on" : "Pause");
  const choice = $("#pace");
  if (choice && document.activeElement !== choice) choice.value = String(speed || 1);
}

function state(message) {
  write($("#clock"), clock(message.time_s));
  numerics.show({ ...message.numerics });
  alarms.heard(message.sound);
  alarms.show(message.alarms || []);
  if (steering) { controls.values(message.values || {}); paced(message); panels.follow(message); panels.standby((message.alarms || []).some((one) => one.stops)); }
  else paced(message);
  source(message.pump);
  const log = $("#log");
  if (log && message.log?.length) {
    log.prepend(...message.log.map((line) => make("li", {}, make("time", { text: clock(line.time_s) }), make("span", { text: line.sentence }))).reverse());
    while (log.children.length > 200) log.lastChild.remove();
  }
  if (window.__lab) window.__lab.state = message;
}

link.on("hello", hello);
link.on("samples", (frame) => {
  monitor.samples(frame);
  if (window.__lab && !window.__lab.first_trace_ms) requestAnimationFrame(() => { window.__lab.first_trace_ms ??= performance.now(); });
});
link.on("state", state);
link.on("mark", (mark) => monitor.landmarks?.mark(mark));
link.on("beat", (beat) => {
  monitor.landmarks?.beat(beat);
  physiology?.beat(beat);
  if (physiology && beat.rr_s) physiology.span = beat.rr_s;
  if (window.__lab) { window.__lab.beats.push(beat); if (window.__lab.beats.length > 400) window.__lab.beats.shift(); }
});
link.on("physiology", (message) => physiology?.show(message));
link.on("lesson", (message) => lesson?.show(message.lesson && typeof message.lesson === "object" ? message.lesson : message));
link.on("refused", ({ sentence, of }) => {
  say(sentence, true);
  const name = of?.field && (of.place >= 0 ? `${of.field}@${of.place}` : of.field), one = name && controls.get(name);
  if (one) one.asked = 0;
});
link.on("link", ({ state: now, sentence }) => {
  const note = $("#link");
  note.dataset.state = now;
  note.hidden = now === "open";
  write($(".sentence", note), sentence || "");
  $("#home-link", note).hidden = now !== "over";
});

const freeze = (on) => {
  monitor.freeze(on);
  monitor.paint();
  calipers.freeze(monitor.frozen);
  $("#freeze").setAttribute("aria-pressed", String(monitor.frozen));
  $("#scroll").hidden = !monitor.frozen;
};
const speed = (step) => { const at = SPEEDS_mm_s.indexOf(monitor.speed) + step; if (SPEEDS_mm_s[at]) { monitor.setSpeed(SPEEDS_mm_s[at]); $("#speed").value = String(SPEEDS_mm_s[at]); } };
const gain = (factor) => { const strip = monitor.arterial() && !monitor.hidden.has(monitor.arterial().channel.id) ? monitor.arterial() : monitor.shown[0]; if (strip) monitor.amplify(strip, factor); };
const allGain = (factor) => monitor.shown.forEach((strip) => monitor.amplify(strip, factor));

$("#freeze").addEventListener("click", () => freeze());
$("#speed").addEventListener("change", (event) => monitor.setSpeed(Number(event.target.value)));
$("#gain-up").addEventListener("click", () => allGain(1.25));
$("#gain-down").addEventListener("click", () => allGain(0.8));
$("#fit").addEventListener("click", () => monitor.fit());
$("#back").addEventListener("click", () => monitor.scroll(-0.5 * monitor.span));
$("#forth").addEventListener("click", () => monitor.scroll(0.5 * monitor.span));
$("#png").addEventListener("click", () => sheet.png());
$("#print-strip").addEventListener("click", () => sheet.print());
$("#save-samples").addEventListener("click", () => sheet.samples($("#format").value, Number($("#length").value)));
$("#save-run")?.addEventListener("click", () => sheet.scenario());
$("#again")?.addEventListener("click", () => link.send({ type: "do", what: "restart" }));
addEventListener("click", (event) => document.querySelectorAll(".drop[open]").forEach((one) => { if (!one.contains(event.target)) one.open = false; }));
$("#pause")?.addEventListener("click", () => link.send({ type: "do", what: document.body.classList.contains("paused") ? "resume" : "pause" }));
$("#pace")?.addEventListener("change", (event) => link.send({ type: "do", what: "speed", value: Number(event.target.value) }));

const nudge = (name, steps) => () => controls.nudge(KEY[name], steps);
new Keys([
  { keys: ["?"], does: "this help", act: () => keysHelp() },
  { keys: ["F"], does: "freeze the traces with calipers, and go on", act: () => freeze() },
  { keys: ["Escape"], act: () => (monitor.frozen ? freeze(false) : false) },
  { keys: ["P"], does: "print the strip", act: () => sheet.print() },
  { keys: ["G", "Shift+G"], does: "gain of the arterial trace up, down", act: (event) => gain(event.shiftKey ? 0.8 : 1.25) },
  { keys: [",", "."], does: "sweep slower, faster", act: (event) => speed(event.key === "." ? 1 : -1) },
  { keys: ["A"], does: "silence alarms for two minutes", act: () => alarms.silence() },
  { keys: ["M"], does: "alarm sound on or off", act: () => alarms.toggle() },
  { keys: ["T"], does: "light or dark", act: () => $("#theme").click() },
  ...(steering ? [
    { keys: ["K"], does: "acknowledge all alarms", act: () => alarms.acknowledge() },
    { keys: ["S"], does: "start the pump, or standby", act: () => panels.toggle() },
    { keys: ["1", "2", "3"], does: "ratio 1:1, 1:2, 1:3", act: (event) => controls.set(KEY.ratio, Number(event.key)) },
    { keys: ["I", "Shift+I"], does: "inflate 5 ms earlier, later", act: (event) => nudge("inflation", event.shiftKey ? 5 : -5)() },
    { keys: ["D", "Shift+D"], does: "deflate 5 ms earlier, later", act: (event) => nudge("deflation", event.shiftKey ? 5 : -5)() },
    { keys: ["V", "Shift+V"], does: "volume 1 mL less, more", act: (event) => nudge("volume", event.shiftKey ? 1 : -1)() },
    { keys: ["Ctrl+Z"], does: "undo the last change", act: () => { const last = controls.undo(); if (last) say(`Undone: ${controls.get(last.key).field.label} is ${controls.describe(last.key, last.before)} again.`); } },
  ] : []),
]);
function keysHelp() { $("#open-help").click(); }

window.__lab = { monitor, link, sheet, controls, alarms, physiology, beats: [], state: null, report: () => monitor.gauge.report(), reset: () => monitor.gauge.reset() };
link.connect();
monitor.start();

if ($("#view-link")) {
  const view = new URLSearchParams(location.hash.slice(1)).get("view");
  const address = view ? `${location.origin}/lab/monitor/${encodeURIComponent(id)}#key=${encodeURIComponent(view)}` : "";
  $("#view-link").value = address || "Open the instructor's page from the start page to get this address.";
  $("#open-link").hidden = $("#copy-link").hidden = !address;
  $("#open-link").href = address;
  setInterval(async () => {
    if (tabs.name !== "share" || document.hidden) return;
    const answer = await fetch(`/lab/api/consoles/${encodeURIComponent(id)}`, { headers: { "X-Console-Key": key } }).catch(() => null);
    if (answer?.ok) { const { viewers } = await answer.json(); write($("#viewers"), `${viewers} ${viewers === 1 ? "page is" : "pages are"} connected, this one included.`); }
  }, 2000);
  $("#copy-link").addEventListener("click", () => navigator.clipboard.writeText(address).then(() => say("Copied."), () => $("#view-link").select()));
}
