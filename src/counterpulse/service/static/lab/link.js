// The line to the server: text messages as events, binary frames as samples. Reconnects by itself and says what it is doing.
const WAITS_MS = [200, 500, 1000, 2000, 4000];

export class Link extends EventTarget {
  constructor(id, key) {
    super();
    Object.assign(this, { id, key, tries: 0, over: false, newest: 0, drops: 0 });
    addEventListener("online", () => this.now());
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.now(); });
  }

  get open() { return this.socket?.readyState === WebSocket.OPEN; }

  connect() {
    clearTimeout(this.timer);
    this.timer = 0;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/lab/stream/${encodeURIComponent(this.id)}?key=${encodeURIComponent(this.key)}`);
    socket.binaryType = "arraybuffer";
    socket.onmessage = (event) => (typeof event.data === "string" ? this.text(event.data) : this.frame(event.data));
    socket.onopen = () => { this.tries = 0; };
    socket.onclose = () => { if (socket === this.socket) this.dropped(); };
    this.socket = socket;
  }

  now() {
    if (this.timer && !this.over) this.connect();
  }

  text(data) {
    const message = JSON.parse(data);
    if (message.type === "hello") this.tell("link", { state: "open" });
    if (message.type === "bye") this.end(message.sentence);
    this.tell(message.type, message);
  }

  frame(buffer) {
    const view = new DataView(buffer), first = view.getFloat64(0, true), n = view.getUint32(8, true), c = view.getUint32(12, true);
    this.newest = first + n;
    const at = performance.now();
    this.tell("samples", { first, n, c, data: new Float32Array(buffer, 16, n * c), at });
    this.acknowledge();
  }

  tell(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }

  on(type, act) { this.addEventListener(type, (event) => act(event.detail)); }

  send(message) {
    if (!this.open) return false;
    this.socket.send(JSON.stringify(message));
    return true;
  }

  // The server holds back what a page is half a second behind with, also at eight times real time: tell it soon after every frame of samples,
  // once for frames that come together, and never not at all, or both would wait for each other.
  acknowledge() {
    if (this.telling) return;
    this.telling = setTimeout(() => {
      this.telling = 0;
      this.send({ type: "ack", sample: this.newest });
    }, 25);
  }

  end(sentence) {
    this.over = true;
    this.tell("link", { state: "over", sentence: sentence || "The console has ended." });
  }

  async dropped() {
    if (this.over) return;
    this.drops += 1;
    const wait = WAITS_MS[Math.min(this.tries, WAITS_MS.length - 1)];
    this.tries += 1;
    this.tell("link", { state: "waiting", sentence: "Connection lost. Trying again; the traces stand still until it is back." });
    if (this.tries > 2 && await this.gone()) return;
    this.timer = setTimeout(() => this.connect(), wait);
  }

  // A console that the server no longer has does not come back: say so instead of trying for ever.
  async gone() {
    try {
      const answer = await fetch(`/lab/api/consoles/${encodeURIComponent(this.id)}/scenario`, { headers: { "X-Console-Key": this.key } });
      if (answer.status !== 404) return false;
    } catch { return false; }
    this.end("This console no longer exists on the server; open a new one from the start page.");
    return true;
  }
}
