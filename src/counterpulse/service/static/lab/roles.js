// Which trace a channel is drawn as: its colour, whether it stands on the monitor at once, whether the inflated part is shown on it.
// Goes by the server's groups; ids only refine colour and order. A channel of group `mark`, `physiology` or `without` is no sweeping trace unless chosen.
const COLOURS = [
  [/ecg|lead/, "ecg"], [/balloon/, "balloon"], [/root|arterial|lumen|radial|femoral|aorta$/, "pressure"], [/^(p_)?pa(_|$)|pulmonary/, "pa"],
  [/cvp|ra(_|$)|venous/, "cvp"], [/lv|ventric/, "lv"], [/flow|coronary/, "flow"],
];

export function role(channel) {
  const found = COLOURS.find(([pattern]) => pattern.test(channel.id));
  if (channel.group === "ecg") return "ecg";
  if (channel.group === "balloon") return "balloon";
  return found ? found[1] : channel.group === "pressure" ? "pressure" : "other";
}

export function dress(channels) {
  const firsts = {};
  return channels.map((channel) => {
    const sweeping = ["ecg", "pressure", "balloon", "physiology"].includes(channel.group), one = sweeping ? role(channel) : null;
    const first = one && firsts[one] === undefined && channel.group !== "physiology";
    if (first) firsts[one] = channel.id;
    return { ...channel, role: one, shaded: one === "pressure", main: Boolean(first && ["ecg", "pressure", "balloon"].includes(one)), raw: channel };
  });
}
