// How well the screen keeps up, measured in the page: frames drawn a second, and the time from a sample's arrival at its earliest possible moment to the
// call that draws it. "Earliest possible": the least arrival time minus sample time seen so far, so the wait inside a frame of samples counts as delay.
const KEPT = 160000; // ten minutes at 250 a second

export class Gauge {
  constructor() {
    Object.assign(this, { frames: 0, since: null, delays: new Float32Array(KEPT), count: 0, lag_ms: 30, gaps: [], long: 0, times: [] });
  }

  arrival(newest, at, fs) {
    const offset = at - (newest / fs) * 1000;
    if (this.offset === undefined || offset < this.offset || Math.abs(offset - this.offset) > 2000) this.offset = offset;
    // a clock that runs a little slower than the sender's would make the offset creep: let it rise by 5 ms a minute
    else this.offset += (5 / 60000) * (at - (this.last ?? at));
    if (this.last !== undefined) {
      this.gaps.push(at - this.last);
      if (this.gaps.length > 100) this.gaps.shift();
      // behind the newest by a usual gap between two frames of samples, so that the sweep does not stutter; never so far that the delay shows
      const usual = [...this.gaps].sort((a, b) => a - b)[Math.floor(0.7 * this.gaps.length)];
      this.lag_ms += 0.05 * (Math.min(Math.max(usual, 8), 45) - this.lag_ms);
    }
    this.last = at;
  }

  drawn(from, to, rate) {
    const now = performance.now();
    if (this.offset === undefined || to - from > rate / 4) return; // a jump to the newest, not a sweep
    for (let s = Math.floor(from) + 1; s <= to; s++) this.delays[this.count++ % KEPT] = now - (this.offset + (s / rate) * 1000);
  }

  frame(now) {
    if (this.previous !== undefined && now - this.previous > 34) this.long += 1;
    this.previous = now;
    this.since ??= now;
    this.frames += 1;
    this.times.push(now);
    if (this.times.length > 121) this.times.shift();
  }

  reset() { Object.assign(this, { frames: 0, since: null, count: 0, long: 0, times: [], previous: undefined }); }

  report() {
    const kept = this.delays.slice(0, Math.min(this.count, KEPT)).sort(), at = (q) => (kept.length ? kept[Math.min(kept.length - 1, Math.floor(q * kept.length))] : null);
    const seconds = this.since === null ? 0 : (this.previous - this.since) / 1000;
    return { seconds, frames: this.frames, frames_per_s: seconds ? (this.frames - 1) / seconds : null, over_34_ms: this.long,
      delay_p50_ms: at(0.5), delay_p99_ms: at(0.99), delay_max_ms: kept.length ? kept[kept.length - 1] : null, samples: this.count };
  }
}
