// A lesson beside the running pump: task, what is checked live, choices, and the explanation with its sources once it is asked for.
import { $, make } from "./element.js";

const SIGN = { met: "✓", open: "○", missed: "✗" };
const WORD = { met: "done", open: "open", missed: "not met" };

const stateOf = (check) => check.state || (check.met === true || check.done === true ? "met" : check.missed ? "missed" : "open");

export class Lesson {
  constructor(link, tabs) {
    Object.assign(this, { link, tabs, host: $("#lesson") });
  }

  show(lesson) {
    const tab = $("[data-tab=lesson]");
    tab.hidden = !lesson;
    if (!lesson) return;
    this.now = { ...this.now, ...lesson };
    const one = this.now, look = JSON.stringify(one);
    if (look === this.look) return;
    this.look = look;
    const button = (text, what, value) => make("button", { type: "button", text, onclick: () => this.link.send({ type: "do", what, ...(value === undefined ? {} : { value }) }) });
    const parts = [make("h3", { text: one.title }), make("p", { class: "task", text: one.task })];
    if (one.checks?.length) parts.push(make("ul", { class: "checks", "aria-label": "Checked live" }, ...one.checks.map((check) => this.check(check))));
    if (one.question) parts.push(make("p", { class: "task", text: one.question }));
    if (one.choices?.length) parts.push(make("div", { class: "answers", role: "group", "aria-label": "Answers" }, ...one.choices.map((choice, k) => {
      const made = button(typeof choice === "string" ? choice : choice.label, "answer", k);
      made.setAttribute("aria-pressed", String(one.answered === k));
      return made;
    })));
    if (one.verdict) parts.push(make("p", { class: "verdict", role: "status", text: one.verdict }));
    if (one.done) parts.push(make("p", { class: "done", role: "status", text: "✓ Done. The explanation is below." }));
    if (one.hint) parts.push(make("details", { class: "group" }, make("summary", { text: "Hint" }), make("p", { text: one.hint })));
    parts.push(this.explanation(one, button));
    const before = Boolean($(".explained", this.host));
    this.host.replaceChildren(...parts.filter(Boolean));
    if (!before) $(".explained", this.host)?.scrollIntoView({ block: "nearest" });
  }

  check(check) {
    const state = stateOf(check);
    return make("li", { "data-state": state }, make("span", { class: "sign", "aria-hidden": "true", text: SIGN[state] }), make("span", { text: check.sentence }),
      make("span", { class: "away", text: `, ${WORD[state]}` }), check.seen ? make("span", { class: "since", text: ` ${check.seen}` }) : null);
  }

  explanation(one, button) {
    const again = button("Start again", "restart");
    if (!one.explanation) return make("p", { class: "row" }, button("Explain", "explain"), again);
    const told = Array.isArray(one.explanation) ? one.explanation : [one.explanation];
    const source = (each) => (typeof each === "string" ? each : [each.text || each.title, each.where || each.url].filter(Boolean).join(", "));
    return make("section", { class: "explained" }, make("h4", { text: "Explanation" }), ...told.map((text) => make("p", { text })),
      one.sources?.length ? make("h4", { text: "Sources" }) : null, one.sources?.length ? make("ul", {}, ...one.sources.map((each) => make("li", { text: source(each) }))) : null, make("p", { class: "row" }, again));
  }
}
