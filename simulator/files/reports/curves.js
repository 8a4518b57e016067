/* One small drawing for each measure. */
const SVG = "http://www.w3.org/2000/svg";
const WIDE = 300, HIGH = 110, RIGHT = 8, TOP = 8, BOTTOM = 20;
const LEAST_LEFT = 46, LETTER = 7; /* Width of a digit at the size of the labels. */

function drawn(tag, attributes, text = "") {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text) element.textContent = text;
  return element;
}

function numberText(value) {
  if (value === null || value === undefined) return "–";
  const size = Math.abs(value);
  if (size !== 0 && size < 0.001) return value.toExponential(1);
  return value.toLocaleString("en", { maximumSignificantDigits: size >= 1000 ? 6 : 3 });
}

function meanOf(rows) {
  const mean = [];
  for (let gen = 0; gen < Math.max(0, ...rows.map((row) => row.length)); gen++) {
    const there = rows.map((row) => row[gen] ?? null).filter((value) => value !== null);
    mean.push(there.length ? there.reduce((sum, value) => sum + value, 0) / there.length : null);
  }
  return mean;
}

/* rows: values of the chains of one condition; compared: of all that share the scale. */
function curve(measure, own, rows, compared, gen, go) {
  const [name, unit, meaning] = measure;
  let low = Infinity, high = -Infinity, end = 1;
  for (const row of compared) {
    end = Math.max(end, row.length - 1);
    for (const value of row) {
      if (value === null) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) [low, high] = [0, 1];
  if (low === high) [low, high] = [low, low + 1];
  const ends = [[numberText(high), TOP + 8], [numberText(low), HIGH - BOTTOM]];
  const left = Math.max(LEAST_LEFT, ...ends.map(([label]) => LETTER * label.length + 6));
  const x = (place) => left + (WIDE - left - RIGHT) * (place / end);
  const y = (value) => TOP + (HIGH - TOP - BOTTOM) * (1 - (value - low) / (high - low));
  const line = (row, className) => {
    let path = "", open = false;
    row.forEach((value, place) => {
      if (value !== null) path += `${open ? "L" : "M"}${x(place).toFixed(1)} ${y(value).toFixed(1)}`;
      open = value !== null;
    });
    return drawn("path", { d: path || "M0 0", class: className });
  };
  const mean = meanOf(rows), value = own[gen] ?? null;
  const figure = made("figure"), caption = made("figcaption");
  const label = made("span", unit ? `${name} (${unit})` : name);
  label.title = meaning;
  caption.append(label, made("b", numberText(value)));
  const svg = drawn("svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img" });
  svg.setAttribute(
    "aria-label",
    `${name} at generation ${gen}: ${numberText(value)}; mean ${numberText(mean[gen] ?? null)}`,
  );
  svg.append(drawn("rect", {
    x: left, y: TOP, width: WIDE - left - RIGHT, height: HIGH - TOP - BOTTOM, class: "frame",
  }));
  for (const [label, at] of ends) {
    svg.append(drawn("text", { x: left - 4, y: at, "text-anchor": "end" }, label));
  }
  for (const [at, anchor] of [[0, "start"], [end, "end"]]) {
    svg.append(drawn("text", { x: x(at), y: HIGH - 5, "text-anchor": anchor }, String(at)));
  }
  for (const row of rows) if (row !== own) svg.append(line(row, "other"));
  if (rows.length > 1) svg.append(line(mean, "mean"));
  svg.append(line(own, "own"));
  svg.append(drawn("line", { x1: x(gen), x2: x(gen), y1: TOP, y2: HIGH - BOTTOM, class: "here" }));
  if (value !== null) svg.append(drawn("circle", { cx: x(gen), cy: y(value), r: 3.5, class: "dot" }));
  svg.addEventListener("click", (event) => {
    const box = svg.getBoundingClientRect();
    const at = ((event.clientX - box.left) / box.width) * WIDE;
    go(Math.round(((at - left) / (WIDE - left - RIGHT)) * end));
  });
  figure.append(caption, svg);
  return figure;
}
