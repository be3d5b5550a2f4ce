// Alarm sounds in the manner of IEC 60601-1-8: a burst of ten pulses for high, three for medium, one for low priority; the pulse has a fundamental of
// 523 Hz and four harmonics. Silent until somebody asks for sound, and silenced for at most two minutes.
const BURSTS = {
  high: { gaps: [0, 0.16, 0.32, 0.64, 0.8, 1.3, 1.46, 1.62, 1.94, 2.1], pulse: 0.1, every: 5 },
  medium: { gaps: [0, 0.24, 0.48], pulse: 0.16, every: 10 },
  low: { gaps: [0], pulse: 0.2, every: 30 },
};
const FUNDAMENTAL_Hz = 523.25;
const HARMONICS = [1, 0.8, 0.6, 0.5, 0.4]; // within 15 dB of the fundamental
export const LONGEST_SILENCE_S = 120;

export class Sound {
  constructor() { Object.assign(this, { on: false, until: 0, priority: null, next: 0, bursts: 0 }); }

  // Only ever called from a user's gesture: browsers allow sound from then on.
  async enable(on) {
    this.on = on;
    if (on && !this.context) this.context = new AudioContext();
    if (on) await this.context.resume();
    else await this.context?.suspend();
    this.next = 0;
  }

  silence(seconds, now = Date.now()) { this.until = now + 1000 * Math.min(Math.max(seconds, 0), LONGEST_SILENCE_S); }

  left(now = Date.now()) { return Math.max(0, Math.ceil((this.until - now) / 1000)); }

  // Told at each state which priority is the gravest that nobody has acknowledged; a graver one than before breaks a pause between bursts, never a silence.
  follow(priority, now = Date.now()) {
    if (priority !== this.priority) { this.priority = priority; this.next = 0; }
    if (!this.on || !priority || this.left(now) || now < this.next) return;
    const burst = BURSTS[priority];
    this.next = now + 1000 * burst.every;
    this.bursts += 1;
    burst.gaps.forEach((gap) => this.pulse(this.context.currentTime + 0.02 + gap, burst.pulse, priority === "low" ? 0.12 : 0.2));
  }

  pulse(at, length, volume) {
    const gain = this.context.createGain(), rise = 0.2 * length;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(volume, at + rise);
    gain.gain.setValueAtTime(volume, at + length - rise);
    gain.gain.linearRampToValueAtTime(0, at + length);
    gain.connect(this.context.destination);
    HARMONICS.forEach((part, k) => {
      const tone = this.context.createOscillator(), share = this.context.createGain();
      tone.frequency.value = FUNDAMENTAL_Hz * (k + 1);
      share.gain.value = part / 3;
      tone.connect(share).connect(gain);
      tone.start(at);
      tone.stop(at + length);
    });
  }
}
