// A strip to take away: a picture (PNG) or print of what is on the screen, the samples as CSV, Parquet or WFDB, and the run as a scenario file.
import { $, colour, make, save } from "./element.js";

const CARE = "Research and education only: not a medical device, not for patient care.";

export class Sheet {
  constructor({ monitor, id, key, title, say }) {
    Object.assign(this, { monitor, id, key, title, say });
  }

  // The shown traces over their grids, with names, time, speed and the reminder what this is.
  picture() {
    const shown = this.monitor.shown, [first] = shown, em = first.em, top = 46 * em, foot = 24 * em, gap = 20 * em;
    const sheet = make("canvas"), wide = first.wide, high = top + foot + shown.reduce((sum, one) => sum + one.high_px + gap, 0);
    [sheet.width, sheet.height] = [wide, Math.round(high)];
    const pen = sheet.getContext("2d"), write = (text, x, y, size, ink) => { pen.font = `${size * em}px ${this.monitor.font}`; pen.fillStyle = ink; pen.fillText(text, x, y); };
    pen.fillStyle = colour("screen");
    pen.fillRect(0, 0, wide, high);
    write(this.title(), 8 * em, 20 * em, 16, colour("ink"));
    write(`${this.monitor.speed} mm/s · up to ${(this.monitor.head / this.monitor.fs).toFixed(2)} s · counterpulse`, 8 * em, 38 * em, 12, colour("soft"));
    let y = top;
    for (const strip of shown) {
      write(`${strip.channel.label}, ${strip.channel.unit}`, 8 * em, y + 13 * em, 13, strip.ink);
      y += gap;
      [strip.grid, strip.canvas].forEach((layer) => pen.drawImage(layer, 0, y));
      y += strip.high_px;
    }
    write(CARE, 8 * em, high - 8 * em, 12, colour("soft"));
    return sheet;
  }

  async png() {
    const blob = await new Promise((done) => this.picture().toBlob(done, "image/png"));
    save(`counterpulse-${this.stamp()}.png`, blob);
    return blob;
  }

  async print() {
    const image = make("img", { alt: "Strip", src: this.picture().toDataURL("image/png") });
    await image.decode();
    $("#print").replaceChildren(image);
    print();
  }

  stamp() { return `${this.id}-${Math.round(this.monitor.head / this.monitor.fs)}s`; }

  async samples(format, seconds) {
    const { fs, ring, head, frozen } = this.monitor, to = (frozen ? head : ring.next) / fs, from = Math.max(ring.first / fs, to - seconds);
    await this.get(`strip?from_s=${from.toFixed(3)}&to_s=${to.toFixed(3)}&format=${format}`, `counterpulse-${this.stamp()}.${format === "wfdb" ? "zip" : format}`);
  }

  async scenario() { await this.get("scenario", `counterpulse-${this.stamp()}.toml`); }

  async get(what, name) {
    try {
      const answer = await fetch(`/lab/api/consoles/${encodeURIComponent(this.id)}/${what}`, { headers: { "X-Console-Key": this.key } });
      if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).refused || `The server answered ${answer.status}.`);
      save(name, await answer.blob());
      this.say(`Saved ${name}.`);
    } catch (problem) { this.say(problem.message, true); }
  }
}
