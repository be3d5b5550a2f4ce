// The newest minutes of samples, one Float32Array a channel. Sample numbers are absolute; what is missing is NaN.
export class Ring {
  constructor(channels, capacity) {
    this.capacity = capacity;
    this.rows = Array.from({ length: channels }, () => new Float32Array(capacity).fill(NaN));
    this.next = 0; // sample after the newest
    this.first = 0; // oldest that is still there
    this.empty = true;
  }

  // `data` is channel-major: n samples of channel 0, then of channel 1, ...
  push(first, n, data) {
    if (this.empty || first + n < this.next - this.capacity || first - this.next > this.capacity) {
      this.first = this.next = first;
      this.empty = false;
    }
    for (let s = this.next; s < first; s++) this.rows.forEach((row) => { row[s % this.capacity] = NaN; });
    this.rows.forEach((row, c) => {
      for (let k = 0; k < n; k++) row[(first + k) % this.capacity] = data[c * n + k];
    });
    this.next = Math.max(this.next, first + n);
    this.first = Math.max(this.first, this.next - this.capacity);
  }

  at(channel, sample) {
    return sample < this.first || sample >= this.next || channel < 0 ? NaN : this.rows[channel][sample % this.capacity];
  }

  // Value between samples, by straight lines.
  between(channel, place) {
    const k = Math.floor(place), a = this.at(channel, k), part = place - k;
    return part === 0 ? a : a + part * (this.at(channel, k + 1) - a);
  }

  extremes(channel, from, to) {
    let low = Infinity, high = -Infinity;
    for (let s = Math.max(Math.ceil(from), this.first); s < Math.min(to, this.next); s++) {
      const value = this.rows[channel][s % this.capacity];
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return [low, high];
  }
}
