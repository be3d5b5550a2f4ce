// The main rules of an accessibility checker, run in the page: returns a list of sentences, empty when all hold. Own code; the rules are those of WCAG 2.2
// that can be told by a program: names, roles, references, headings, language, duplicate ids, order of focus, target size, contrast.
(() => {
  const found = [], all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const shown = (one) => one.checkVisibility({ checkOpacity: false, checkVisibilityCSS: true }) && !one.closest("[aria-hidden=true]");
  const say = (rule, one, why) => found.push(`${rule}: ${one ? `<${one.tagName.toLowerCase()}${one.id ? ` id=${one.id}` : ""}${one.className && typeof one.className === "string" ? ` class=${one.className}` : ""}> ` : ""}${why}`);
  const text = (ids) => ids.split(/\s+/).map((id) => document.getElementById(id)?.textContent ?? "").join(" ").trim();
  const name = (one) => (one.getAttribute("aria-labelledby") ? text(one.getAttribute("aria-labelledby")) : "") || one.getAttribute("aria-label")?.trim()
    || (one.labels?.length ? [...one.labels].map((label) => label.textContent).join(" ").trim() : "") || one.getAttribute("alt")?.trim()
    || (/^(INPUT|SELECT|TEXTAREA|DIALOG|FIELDSET)$/.test(one.tagName) ? "" : one.textContent.trim()) || one.getAttribute("title")?.trim() || "";

  if (!document.documentElement.lang) say("lang", document.documentElement, "has no language");
  if (!document.title.trim()) say("title", null, "the page has no title");
  const viewport = document.querySelector("meta[name=viewport]")?.content ?? "";
  if (!viewport || /user-scalable\s*=\s*no|maximum-scale/.test(viewport)) say("zoom", null, "the page cannot be enlarged");
  for (const [selector, wanted] of [["main", 1], ["h1", 1]]) { const n = all(selector).filter(shown).length; if (n !== wanted) say("landmark", null, `${n} ${selector}, wanted ${wanted}`); }
  const ids = all("[id]").map((one) => one.id);
  ids.filter((id, k) => ids.indexOf(id) !== k).forEach((id) => say("duplicate id", null, id));
  let level = 0;
  for (const one of all("h1,h2,h3,h4,h5,h6").filter(shown)) {
    const now = Number(one.tagName[1]);
    if (level && now > level + 1) say("heading order", one, `level ${now} after ${level}: ${one.textContent.trim()}`);
    if (!one.textContent.trim()) say("heading", one, "is empty");
    level = now;
  }

  const CONTROLS = "button,input:not([type=hidden]),select,textarea,a[href],summary,[role=slider],[role=tab],[role=button],[tabindex]:not([tabindex='-1'])";
  const controls = all(CONTROLS).filter(shown);
  for (const one of controls) {
    if (!name(one)) say("name", one, "has no name");
    if (Number(one.getAttribute("tabindex")) > 0) say("focus order", one, "has a positive tabindex");
    if (one.parentElement.closest("button,a[href],summary") && one.matches("button,a[href],input,select")) say("nested", one, "is inside another control");
    const label = one.closest("label"), box = (label && one.matches("[type=checkbox],[type=radio]") ? label : one).getBoundingClientRect();
    const inline = one.matches("a") && getComputedStyle(one).display === "inline";
    if (!inline && !one.disabled && (box.width < 24 || box.height < 24)) say("target size", one, `${name(one)} is ${Math.round(box.width)} x ${Math.round(box.height)} px`);
  }
  for (const one of all("fieldset,[role=group],[role=toolbar],[role=tablist],[role=tabpanel],[role=img],dialog[open],section[aria-label]").filter(shown)) {
    if (!(name(one) || (one.tagName === "FIELDSET" && one.querySelector("legend")?.textContent.trim()))) say("name", one, "a group, image or dialog has no name");
  }
  for (const one of all("img").filter(shown)) if (!one.hasAttribute("alt")) say("alt", one, "has no text");
  for (const one of all("canvas")) if (one.getAttribute("aria-hidden") !== "true" && one.getAttribute("role") !== "img") say("canvas", one, "is neither hidden nor an image with a name");
  for (const attribute of ["aria-controls", "aria-labelledby", "aria-describedby", "for"]) for (const one of all(`[${attribute}]`)) {
    for (const id of one.getAttribute(attribute).split(/\s+/)) if (!document.getElementById(id)) say("reference", one, `${attribute} names ${id}, which is not there`);
  }
  const ROLES = new Set("alert button dialog group img log main presentation region slider status tab tablist tabpanel toolbar".split(" "));
  for (const one of all("[role]")) if (!ROLES.has(one.getAttribute("role"))) say("role", one, `unknown role ${one.getAttribute("role")}`);
  for (const list of all("[role=tablist]").filter(shown)) {
    const tabs = all("[role=tab]", list).filter((one) => !one.hidden);
    if (tabs.filter((one) => one.getAttribute("aria-selected") === "true").length !== 1) say("tabs", list, "not exactly one tab is selected");
    if (tabs.filter((one) => one.tabIndex === 0).length !== 1) say("tabs", list, "not exactly one tab stop");
  }
  for (const one of all("[role=slider]").filter(shown)) if (!one.hasAttribute("aria-valuenow")) say("slider", one, "tells no value");
  for (const one of all("ul,ol").filter(shown)) if ([...one.children].some((child) => child.tagName !== "LI")) say("list", one, "has children that are no items");
  for (const one of all("dl").filter(shown)) if ([...one.children].some((child) => !["DT", "DD", "DIV"].includes(child.tagName))) say("list", one, "has children that are no terms");
  for (const one of all("table").filter(shown)) if (one.rows.length && !one.querySelector("th")) say("table", one, "has no header cell");
  for (const one of all("[aria-hidden=true]")) if (all(CONTROLS, one).some((inner) => inner.checkVisibility())) say("hidden focus", one, "hides something that takes the focus");
  for (const one of all("*").filter(shown)) {
    const style = getComputedStyle(one), scrolls = /auto|scroll/.test(style.overflowY) && one.scrollHeight > one.clientHeight + 2;
    if (scrolls && one.tagName !== "BODY" && one.tagName !== "HTML" && one.tabIndex < 0 && !all(CONTROLS, one).some(shown)) say("scrolling", one, "scrolls but cannot be reached by keyboard");
  }

  // contrast of every text on what is painted behind it, colours laid over each other
  const parse = (css) => { const [r, g, b, a = 1] = css.match(/[\d.]+/g).map(Number); return css.startsWith("color(srgb") ? [r * 255, g * 255, b * 255, a] : [r, g, b, a]; };
  const over = (top, under) => [0, 1, 2].map((k) => top[k] * top[3] + under[k] * (1 - top[3])).concat(1);
  const ground = (one) => { const layers = []; for (let at = one; at; at = at.parentElement) layers.push(parse(getComputedStyle(at).backgroundColor)); return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 1]); };
  const light = (c) => { const part = (v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4); return 0.2126 * part(c[0]) + 0.7152 * part(c[1]) + 0.0722 * part(c[2]); };
  const least = { ratio: 99, what: "" }, walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), seen = new Set();
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const one = node.parentElement;
    if (!node.textContent.trim() || seen.has(one) || !shown(one) || one.closest(":disabled,script,style,option,.away")) continue;
    seen.add(one);
    const under = ground(one), ink = over(parse(getComputedStyle(one).color), under), [a, b] = [light(ink), light(under)].sort((x, y) => y - x), ratio = (a + 0.05) / (b + 0.05);
    if (ratio < least.ratio) Object.assign(least, { ratio, what: `${one.tagName.toLowerCase()}.${one.className}: ${node.textContent.trim().slice(0, 30)}` });
    if (ratio < 4.5) say("contrast", one, `${ratio.toFixed(2)}:1 for "${node.textContent.trim().slice(0, 40)}"`);
  }
  return { found, controls: controls.length, least };
})()
