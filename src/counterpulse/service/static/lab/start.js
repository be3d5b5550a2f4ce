// The start page: a patient, a lesson, a recording or a saved run becomes a console of its own.
import { $, api, make } from "./element.js";

const alert = $("#refused");

async function open(body, page = "console") {
  alert.textContent = "";
  document.body.setAttribute("aria-busy", "true");
  try {
    const made = await api("consoles", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
    location.href = `/lab/${page}/${encodeURIComponent(made.console)}#key=${encodeURIComponent(made.key)}&view=${encodeURIComponent(made.view_key)}`;
  } catch (problem) {
    alert.textContent = problem.message;
    alert.scrollIntoView({ block: "center" });
  } finally { document.body.removeAttribute("aria-busy"); }
}

const page = () => ($("#instructor").checked ? "instructor" : "console");
const card = (title, about, body) => make("li", {}, make("button", { type: "button", onclick: () => open(body, page()) }, make("strong", { text: title }), make("span", { text: about })));

async function presets() {
  const { presets: all, catheters } = await api("presets"), preset = $("#preset"), catheter = $("#catheter");
  preset.replaceChildren(...all.map((one) => make("option", { value: one.preset, text: one.title })));
  const chosen = () => all.find((one) => one.preset === preset.value);
  const show = () => {
    $("#about").textContent = chosen().about || "";
    catheter.replaceChildren(...catheters.map((one) => make("option", { value: one, text: one })));
    catheter.value = chosen().catheter;
  };
  preset.addEventListener("change", show);
  show();
  $("#open").disabled = false;
  $("#patient").addEventListener("submit", (event) => {
    event.preventDefault();
    const seed = $("#seed").valueAsNumber;
    open({ preset: preset.value, catheter: catheter.value, ...(Number.isFinite(seed) ? { seed } : {}) }, page());
  });
}

async function lessons() {
  const { lessons: all } = await api("lessons"), groups = [...new Set(all.map((one) => one.group || "Lessons"))];
  $("#lessons").replaceChildren(...groups.flatMap((group) => [make("h3", { text: group }), make("ul", { class: "cards" },
    ...all.filter((one) => (one.group || "Lessons") === group).map((one) => card(one.title, one.minutes ? `${one.task} About ${one.minutes} min.` : one.task, { lesson: one.lesson })))]));
  $("#lesson-part").hidden = !all.length;
}

async function recordings() {
  const { recordings: all, folder } = await api("recordings");
  $("#recordings").replaceChildren(...all.map((one) => card(one.recording.replace(/\.hea$/, ""), Number.isFinite(one.seconds) ? `${Math.round(one.seconds)} s` : "", { recording: one.recording })));
  $("#no-recordings").hidden = all.length > 0;
  if (folder && !all.length) $("#no-recordings").textContent = "The folder holds no recording that can be opened.";
}

$("#file").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  if (file) open({ scenario: await file.text() }, page());
});
for (const part of [presets, lessons, recordings]) part().catch((problem) => { alert.textContent = problem.message; });
