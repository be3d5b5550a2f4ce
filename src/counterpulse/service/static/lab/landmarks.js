// What the console decided and what each beat showed, as marks on the traces. Knows the server's `mark` and `beat` messages; measures nothing itself.
const KEPT = 400;

export class Landmarks {
  constructor(monitor) {
    Object.assign(this, { monitor, spans: [] });
  }

  // Sample numbers of the server count at its own rate; the ring counts drawn samples.
  place(sample) { return sample / this.monitor.stride; }

  mark({ what, sample }) {
    const at = this.place(sample);
    if (what === "trigger") this.monitor.strips.filter((one) => one.channel.role === "ecg").forEach((one) => one.mark({ sample: at, shape: "trigger", colour: "ecg" }));
    if (what === "inflate") this.spans.push([at, Infinity]);
    if (what === "deflate" && this.spans.length) this.spans[this.spans.length - 1][1] = at;
    if (this.spans.length > KEPT) this.spans.splice(0, KEPT / 2);
  }

  filled(sample) {
    for (let k = this.spans.length - 1; k >= 0; k--) {
      const [from, to] = this.spans[k];
      if (sample >= from) return sample < Math.min(to, from + 1.5 * this.monitor.fs);
    }
    return false;
  }

  // Names as on consoles: SYS, ASYS (the systole after an assisted diastole), AUG, DIA and ADIA (end-diastole without and with the balloon before it).
  beat(beat) {
    const strip = this.monitor.arterial(), marks = beat.marks || {};
    if (!strip) return;
    const put = (sample, value, text, rest) => {
      if (sample === null || sample === undefined || sample < 0 || value === null || value === undefined) return;
      strip.mark({ sample: this.place(sample), value, text: [text, String(Math.round(value))], ...rest });
    };
    // nobody was helped in a recording by this pump: its beats have a systole and an end-diastole, no more
    const { recording } = this.monitor, helped = beat.after_assisted && !recording, filled = beat.assisted && !recording;
    put(marks.systole, beat.systolic_mmHg, helped ? "ASYS" : "SYS", { shape: helped ? "dot" : "open" });
    if (filled) put(marks.peak, beat.augmented_peak_mmHg, "AUG", { shape: "dot", colour: "balloon" });
    put(marks.end, beat.end_diastolic_mmHg, filled ? "ADIA" : "DIA", { shape: filled ? "dot" : "open", below: true });
  }
}
